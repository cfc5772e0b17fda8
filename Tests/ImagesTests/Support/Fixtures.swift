import FoundationEssentials

/// One archive with the file `hello`, made by Python's tarfile, plain and compressed by the tools.
enum Fixtures {
  /// sha256sum of the plain archive.
  static let digest = "sha256:ee19e1fc9783bf97b1341df0b353b054e310ddf7fc65a34182ad4fb6c19e4983"
  static let gzip = decode(
    """
    H4sIAAAAAAACA+3RMQ6CQBAF0Kk5hUdYdGDPY2FCQUKieH8XSntIjO81P5lf/GKmxzwvcazSjJl7Nt+5tdHncM1aS+73Wm59XEqc\
    4P1a7882Gf9p2v7fBQAAAAAAAAAAAD/mA22FDn0AKAAA
    """)
  static let bzip2 = decode(
    """
    QlpoOTFBWSZTWSEUXzoAAHH7gMkQAARAAH+AAAhiRJ4ACAggAFQlKPSaNDRtQHqeoJKaTamI0AAfczGQge5CEU6tMvzg6BEFRjGI\
    mdgNYgwtlZZ3U1aVsZ0ko/hzHo4PERmiIH4u5IpwoSBCKL50
    """)
  static let xz = decode(
    """
    /Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/AGFdADQZSe6N1/i4P8k3Mt7I1YCE/+ChAPrk84aJ4buLZ78eiyy+1whaJR23wgs9\
    mJXdagZc9ngR3JBeTB/PlRBNFDJ2WWSu6Ox7r3MqJuFl+oAMBD62GhetW9cAm5riXbUSOgAAAAAA6a81bvbHIZwAAX2AUAAAAPJ1\
    Ag6xxGf7AgAAAAAEWVo=
    """)
  static let zstd = decode(
    """
    KLUv/QRoHQIAskIJD7Dr5AnNS4oj6dgmhxiaUwW1qwpbrXXoDeedeUF+RfdHNyFkTgogIDG1OfbFOA4ghHnUeZ+zmocFBxgUwHYS\
    cDkCGk8=
    """)
  static let gzipTwice = decode(
    """
    H4sIAAAAAAACA5Pv5mAAASbmtxcN+ZocBFgvrLRsdY8oSTifnOjk6LSool7cq9qj572p/cz4P0nLjtvoF6651DOz2uz+zq0Xnxec\
    jfJ+9z0qrzbGa86Dv1Hvz5tJ/s+89e8+KwMM2D9jzm3lq2XQYGAAAOm1sVhsAAAA
    """)

  private static func decode(_ text: String) -> [UInt8] { Array(Data(base64Encoded: text)!) }
}
