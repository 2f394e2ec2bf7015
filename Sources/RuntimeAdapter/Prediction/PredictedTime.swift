/// A predicted time, and how far it may be off.
public struct PredictedTime: Sendable, Hashable {
    /// Expected milliseconds.
    public let meanMs: Double
    /// What deadlines are held against: the mean and `k` standard deviations, in milliseconds.
    public let upperMs: Double

    init(meanMs: Double, upperMs: Double) {
        self.meanMs = meanMs
        self.upperMs = upperMs
    }
}
