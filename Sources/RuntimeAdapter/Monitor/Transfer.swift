/// One download that was observed, whole or broken off.
public struct Transfer: Sendable, Hashable {
    /// Bytes that came.
    public var bytes: Int
    /// From the request to the last byte, in milliseconds.
    public var durationMs: Double
    /// When it ended, in milliseconds on any clock.
    public var atMs: Double
    /// Round trips before the first byte: 1 on a connection that was open, 3 on a new one with TLS.
    public var roundTrips: Double

    /// An observation; what makes no sense is left out where it is recorded.
    public init(bytes: Int, durationMs: Double, atMs: Double, roundTrips: Double = 1) {
        self.bytes = bytes
        self.durationMs = durationMs
        self.atMs = atMs
        self.roundTrips = roundTrips
    }
}

/// What a ``ContextMonitor`` made of an observation.
public enum TransferOutcome: Sendable, Hashable {
    /// It counts.
    case accepted
    /// A size or a time that cannot be.
    case absurd
}
