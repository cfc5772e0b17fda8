internal import CLinux
internal import Glibc

extension SystemError {
  /// EADDRINUSE: somebody has the address and port.
  public var isAddressInUse: Bool { code == EADDRINUSE }
  /// EADDRNOTAVAIL: the machine does not have the address.
  public var isAddressNotAvailable: Bool { code == EADDRNOTAVAIL }
  /// EXFULL: the bridge has no port left.
  public var isExchangeFull: Bool { code == EXFULL }
}
