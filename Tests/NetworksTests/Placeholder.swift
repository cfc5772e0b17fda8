import Testing

@Suite struct NetworksPlaceholder {}
