import Synchronization

/// Counts up, from 1.
final class Counter: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    var value: Int { count.load(ordering: .relaxed) }
}

/// What the store is going through.
enum Trouble: Int, Sendable, CaseIterable {
    case none, gone, torn, spoiled, unsigned

    var words: String {
        switch self {
        case .none: "all is well"
        case .gone: "the store is gone"
        case .torn: "its index is cut in half"
        case .spoiled: "the newest file is damaged"
        case .unsigned: "the newest version is unsigned"
        }
    }
}

/// What the director tells the clients.
final class SoakState: Sendable {
    private struct Known {
        /// Checksums of files, by digest.
        var checksums: [String: UInt64] = [:]
        /// Digests of files that must never be served.
        var forbidden: Set<String> = []
        /// Digests of versions whose answers are errors.
        var failing: Set<String> = []
    }

    private let known = Mutex(Known())
    private let current = Atomic(0)
    private let stopped = Atomic(false)

    var trouble: Trouble {
        get { Trouble(rawValue: current.load(ordering: .relaxed)) ?? .none }
        set { current.store(newValue.rawValue, ordering: .relaxed) }
    }

    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    func stop() { stopped.store(true, ordering: .relaxed) }

    func add(_ fileDigest: String, checksum: UInt64, isForbidden: Bool) {
        known.withLock {
            $0.checksums[fileDigest] = checksum
            if isForbidden { $0.forbidden.insert(fileDigest) }
        }
    }

    /// Lets every answer of a version be an error from now on.
    func fail(_ digest: String) { known.withLock { _ = $0.failing.insert(digest) } }

    func isFailing(_ digest: String) -> Bool { known.withLock { $0.failing.contains(digest) } }

    /// The checksum that a file must have; nil if it must not be served.
    func checksum(of fileDigest: String) -> UInt64? {
        known.withLock {
            $0.forbidden.contains(fileDigest) ? nil : $0.checksums[fileDigest]
        }
    }
}

/// How often something took how long, in steps of 1/16 of a power of two.
struct LatencyHistogram: Sendable {
    private var counts = [Int](repeating: 0, count: 64 * 16)
    private(set) var count = 0
    private(set) var most = 0

    mutating func add(nanoseconds: Int) {
        counts[Self.place(of: nanoseconds)] += 1
        count += 1
        most = max(most, nanoseconds)
    }

    mutating func add(_ other: LatencyHistogram) {
        for place in counts.indices { counts[place] += other.counts[place] }
        count += other.count
        most = max(most, other.most)
    }

    /// The upper end of the step in which the quantile lies, in microseconds.
    func microseconds(_ share: Double) -> Double {
        var left = Int((share * Double(count)).rounded(.up))
        for (place, count) in counts.enumerated() where count > 0 {
            left -= count
            if left <= 0 { return Double(min(Self.end(of: place), most)) / 1000 }
        }
        return 0
    }

    private static func place(of value: Int) -> Int {
        guard value >= 16 else { return max(0, value) }
        let power = Int.bitWidth - 1 - value.leadingZeroBitCount
        return min((power - 3) * 16 + (value >> (power - 4)) - 16, 64 * 16 - 1)
    }

    private static func end(of place: Int) -> Int {
        guard place >= 16 else { return place }
        let power = place / 16 + 3
        return (place % 16 + 17) << (power - 4)
    }
}
