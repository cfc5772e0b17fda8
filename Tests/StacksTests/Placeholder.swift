import Testing

@Suite struct StacksPlaceholder {}
