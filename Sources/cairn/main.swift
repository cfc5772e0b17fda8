import CLI
import Kernel

SignalDescriptor.ignoreBrokenPipes()
ThisProcess.end(
  status: CommandLineRun.run(
    Array(CommandLine.arguments.dropFirst()), environment: ThisProcess.environment()))
