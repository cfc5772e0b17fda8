import Testing

@Suite struct StackFilePlaceholder {}
