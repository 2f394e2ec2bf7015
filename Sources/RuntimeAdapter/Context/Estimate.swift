/// A quantity that was observed, and how far the truth may be from it.
public struct Estimate: Sendable, Hashable {
    /// The likely value.
    public var value: Double
    /// One standard deviation, in the unit of the value; 0 where the value is taken as exact.
    public var deviation: Double

    /// An estimate; what is no number or out of range is dealt with where it is used.
    public init(_ value: Double, deviation: Double = 0) {
        self.value = value
        self.deviation = deviation
    }
}
