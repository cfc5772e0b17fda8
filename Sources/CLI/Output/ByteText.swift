/// Amounts for people, with up to four digits, as Docker prints them (docker/go-units).
enum ByteText {
  /// In units of 1024: `1.5MiB`.
  static func binary(_ bytes: UInt64) -> String {
    text(bytes, base: 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"])
  }

  /// In units of 1000: `1.57MB`.
  static func decimal(_ bytes: UInt64) -> String {
    text(bytes, base: 1000, ["B", "kB", "MB", "GB", "TB", "PB", "EB"])
  }

  /// `12.34%` for 0.1234.
  static func percent(_ share: Double) -> String {
    let hundredths = Int((share * 10_000).rounded())
    return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())%"
  }

  private static func text(_ bytes: UInt64, base: UInt64, _ units: [String]) -> String {
    var size: UInt64 = 1
    var unit = 0
    while unit + 1 < units.count, bytes / size >= base {
      size *= base
      unit += 1
    }
    // Four digits in all, rounded to the nearest, without zeros at the end.
    let whole = bytes / size
    let decimals = unit == 0 ? 0 : max(0, 4 - String(whole).count)
    var scale: UInt64 = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = UInt64((Double(bytes) / Double(size) * Double(scale)).rounded())
    guard decimals > 0, scaled % scale > 0 else { return "\(scaled / scale)\(units[unit])" }
    let fraction = String(scaled % scale + scale).dropFirst().reversed().drop { $0 == "0" }.reversed()
    return "\(scaled / scale).\(String(fraction))\(units[unit])"
  }
}
