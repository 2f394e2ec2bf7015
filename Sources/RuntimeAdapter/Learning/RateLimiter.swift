/// How often each key may do something: a token bucket for each, and a bound on how many there are.
struct RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var timeline: Timeline
    }

    private let burst: Double
    private let perMs: Double
    private let mostKeys: Int
    private var buckets: [UInt64: Bucket] = [:]

    init(burst: Double, perMinute: Double, mostKeys: Int) {
        self.burst = burst
        perMs = perMinute / 60_000
        self.mostKeys = mostKeys
    }

    /// How many keys are watched.
    var count: Int { buckets.count }

    /// Whether a key may act now; if so, it did.
    ///
    /// A clock that goes back takes nothing away and gives nothing.
    mutating func allows(_ key: UInt64, atMs: Double) -> Bool {
        var bucket = buckets[key] ?? Bucket(tokens: burst, timeline: Timeline())
        let before = bucket.timeline.nowMs
        let now = bucket.timeline.advance(to: atMs)
        if let before { bucket.tokens = min(burst, bucket.tokens + (now - before) * perMs) }
        let isAllowed = bucket.tokens >= 1
        if isAllowed { bucket.tokens -= 1 }
        buckets[key] = bucket
        if buckets.count > mostKeys { forget() }
        return isAllowed
    }

    /// Drops half, those first that have most left: they lose least.
    private mutating func forget() {
        let kept = buckets.sorted {
            ($0.value.tokens, $0.key) < ($1.value.tokens, $1.key)
        }.prefix(mostKeys / 2)
        buckets = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}
