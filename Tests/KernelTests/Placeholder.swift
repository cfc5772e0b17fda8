import Testing

@Suite struct KernelPlaceholder {}
