/// A clock as the adapter uses it: milliseconds since it was made, and sleeping.
struct AdapterClock: Sendable {
    /// Milliseconds since this object was made.
    let nowMs: @Sendable () -> Double
    /// Returns after a time; throws if the task is cancelled meanwhile.
    let sleep: @Sendable (Duration) async throws -> Void

    init<C: Clock>(_ clock: C) where C.Duration == Duration {
        let start = clock.now
        nowMs = { start.duration(to: clock.now).milliseconds }
        sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }
}

extension Duration {
    /// In milliseconds.
    var milliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
