import Testing

@testable import Engine

@Suite struct `A platform` {
  @Test(arguments: [
    "linux/amd64", "amd64", "linux", "Linux/AMD64", "linux/x86_64", "linux/amd64/v2",
  ]) func `that an image is for is matched however it is written`(_ wanted: String) {
    #expect(Platform.matches(wanted, "linux/amd64"))
    #expect(Platform.matches("aarch64", "linux/arm64") && Platform.matches("linux/arm64/v8", "linux/arm64"))
  }

  @Test(arguments: ["linux/arm64", "arm64", "windows", "windows/amd64", "", "a/b/c/d", "amd64/linux"])
  func `of another kind is not`(_ wanted: String) { #expect(!Platform.matches(wanted, "linux/amd64")) }
}
