import Testing

/// Every test here runs an engine and real containers, and some compare the whole machine before and
/// after: one at a time.
@Suite(.serialized) enum RealContainers {}
