import Kernel

SignalDescriptor.ignoreBrokenPipes()
ThisProcess.end(status: EngineProgram.run(Array(CommandLine.arguments.dropFirst())))
