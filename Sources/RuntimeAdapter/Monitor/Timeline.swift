/// Time that never goes back, made of a clock that may.
///
/// A clock that was set back goes on from where this time is; what is no number is no time at all.
struct Timeline: Sendable, Hashable {
    private var lastReading: Double?
    /// Milliseconds; nil before the first reading.
    private(set) var nowMs: Double?

    init() {}

    /// Takes a reading of the clock in milliseconds, and tells the time.
    mutating func advance(to reading: Double) -> Double {
        guard reading.isFinite, abs(reading) < 1e15 else { return nowMs ?? 0 }
        let passed = lastReading.map { max(0, reading - $0) } ?? 0
        let now = (nowMs ?? reading) + passed
        (lastReading, nowMs) = (reading, now)
        return now
    }

    /// The time at a reading, without taking it.
    func time(at reading: Double) -> Double {
        var copy = self
        return copy.advance(to: reading)
    }
}
