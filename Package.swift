// swift-tools-version: 6.2
// Cairn: a container orchestrator. The modules and their one-way arrows are in README.md, "Code map".

import PackageDescription

/// Every Swift target is compiled with the strictest settings the compiler has.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let c: [CSetting] = [
  .unsafeFlags(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fno-strict-aliasing"])
]

/// With CAIRN_STATIC set, as `make release` does: the client is linked statically, so that nothing is loaded or
/// looked up at the start of a command. The C library's start of such programs wants no run path in them:
/// `--disable-local-rpath` belongs to it.
let client: [LinkerSetting] =
  Context.environment["CAIRN_STATIC"] == nil
  ? []
  : [
    .unsafeFlags([
      "-use-ld=lld", "-static-executable", "-Xclang-linker", "-static-pie", "-Xlinker",
      "--pack-dyn-relocs=relr",
    ])
  ]

let package = Package(
  name: "cairn",
  products: [
    .executable(name: "cairn", targets: ["cairn"]),
    .executable(name: "cairn-engine", targets: ["Daemon"]),
    .executable(name: "cairn-shim", targets: ["cairn-shim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // C: what glibc or Swift cannot call, and the child's steps up to execve.
    .target(name: "CLinux", cSettings: c),
    .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    // Debian's libarchive-dev and libnftables-dev: only their headers; the libraries are loaded when needed.
    .target(name: "CArchive", cSettings: c),
    .target(name: "CNFTables", cSettings: c),

    // The one process per container: a small static C program without the Swift runtime.
    .executableTarget(
      name: "cairn-shim",
      dependencies: ["CLinux"],
      cSettings: c + [.unsafeFlags(["-Os"])],
      linkerSettings: [
        .unsafeFlags(["-static-executable", "-nostartfiles", "-Xlinker", "--gc-sections"])
      ]
    ),

    .target(name: "Stacks", swiftSettings: strict),
    .target(
      name: "Kernel",
      dependencies: ["CLinux", "CSeccomp", "CArchive", "CNFTables"],
      swiftSettings: strict
    ),
    .target(
      name: "StackFile",
      dependencies: ["Stacks", "CYAML"],
      swiftSettings: strict
    ),
    .target(name: "Containers", dependencies: ["Stacks", "Kernel"], swiftSettings: strict),
    .target(
      name: "Images",
      dependencies: ["Stacks", "Kernel", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict
    ),
    .target(
      name: "Networks",
      dependencies: [
        "Stacks", "Kernel",
      ],
      swiftSettings: strict
    ),
    .target(name: "EngineInterface", dependencies: ["Stacks"], swiftSettings: strict),
    .target(name: "Wire", dependencies: ["EngineInterface", "Stacks"], swiftSettings: strict),
    .target(
      name: "Engine",
      dependencies: [
        "EngineInterface", "Stacks", "Kernel", "Containers", "Images", "Networks",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "DockerAPI",
      dependencies: [
        "Wire", "EngineInterface", "Stacks", "Kernel",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "Daemon",
      dependencies: [
        "DockerAPI", "Engine", "EngineInterface", "Kernel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "CLI",
      dependencies: [
        "StackFile", "Wire", "EngineInterface", "Stacks", "Kernel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "cairn",
      dependencies: ["CLI", "Kernel"],
      swiftSettings: strict,
      linkerSettings: client
    ),

    .testTarget(name: "StacksTests", dependencies: ["Stacks"], swiftSettings: strict),
    .testTarget(
      name: "StackFileTests", dependencies: ["StackFile", "Stacks"],
      exclude: ["Fixtures"], swiftSettings: strict
    ),
    .testTarget(name: "KernelTests", dependencies: ["Kernel"], swiftSettings: strict),
    // Processes for tests that each do one thing, in C.
    .target(name: "CProbe", path: "Tests/CProbe", cSettings: c),
    .testTarget(
      name: "ContainersTests", dependencies: ["Containers", "Stacks", "Kernel", "CProbe"],
      swiftSettings: strict),
    .testTarget(name: "ImagesTests", dependencies: ["Images", "Stacks", "Kernel"], swiftSettings: strict),
    .testTarget(
      name: "NetworksTests", dependencies: ["Networks", "Stacks", "Kernel"], swiftSettings: strict),
    .testTarget(
      name: "EngineTests",
      dependencies: [
        "Engine", "EngineInterface", "Stacks", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "FakeEngine", dependencies: ["EngineInterface", "Stacks"], path: "Tests/FakeEngine",
      swiftSettings: strict),
    .testTarget(
      name: "DockerAPITests",
      dependencies: [
        "FakeEngine", "DockerAPI", "Wire", "EngineInterface", "Stacks", "Kernel",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CLITests",
      dependencies: [
        "CLI", "FakeEngine", "DockerAPI", "Wire", "EngineInterface", "Stacks", "StackFile", "Kernel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(name: "SystemTests", dependencies: ["Stacks"], swiftSettings: strict),
  ]
)
