import Foundation

/// What a client's network and device do while a session lasts, second by second.
///
/// Made as it is looked at, always from the session's own numbers, so that every policy meets the same. A kind
/// of network stays for an exponential time and is followed by one drawn anew, with its own rate: a
/// place. Around that the rate moves as an autoregressive process. All times are milliseconds.
package final class SessionTrace {
    /// One second.
    package struct Second {
        package var kind: NetworkKind
        /// Bytes per millisecond, downwards; 0 in an outage.
        package var down: Double
        /// Likewise, upwards.
        package var up: Double
        package var roundTripMs: Double
        /// What inferences take, as a multiple of what they take on this device when it is cool.
        package var slowdown: Double
    }

    /// When the first second begins.
    package let beginMs: Double
    private let options: WorldOptions
    private let weights: [Double]
    private let jumps: [Double]
    private let hotShare: Double
    private var random: SeededRandom
    private var seconds: [Second] = []

    private var kind: NetworkKind
    private var kindLeftMs: Double
    private var place = 1.0
    private var rateNoise: Double
    private var driftNoise: Double
    private var isHot: Bool
    private var hotLeftMs: Double

    package init(
        of fleetClass: FleetClass, beginMs: Double, options: WorldOptions, random: SeededRandom
    ) {
        self.beginMs = beginMs
        self.options = options
        weights = fleetClass.networks
        // Kinds are drawn so that each has its share of the time, however long it stays.
        jumps = NetworkKind.allCases.map {
            fleetClass.networks[$0.rawValue] / Self.stayMs($0, options)
        }
        hotShare = fleetClass.hotShare
        self.random = random
        kind = NetworkKind.allCases[self.random.choice(weights)]
        kindLeftMs = self.random.exponential(Self.stayMs(kind, options))
        rateNoise = self.random.normal()
        driftNoise = self.random.normal()
        isHot = self.random.uniform() < hotShare
        hotLeftMs = self.random.exponential(Self.hotMs)
        place = drawPlace()
    }

    /// How long a device stays hot or cool, on average.
    private static let hotMs = 60_000.0
    /// How long the drift of a device's speed lasts.
    private static let driftMs = 300_000.0

    private static func stayMs(_ kind: NetworkKind, _ options: WorldOptions) -> Double {
        kind == .outage ? options.outageMs : options.networkMs
    }

    private func drawPlace() -> Double {
        let whole = kind.logDeviation
        let within = min(whole, options.rateDeviation)
        return random.logNormal((whole * whole - within * within).squareRoot())
    }

    /// The second that a time is in; before the beginning the first.
    package func second(at ms: Double) -> Second {
        let index = max(0, Int((ms - beginMs) / 1000))
        while seconds.count <= index { append() }
        return seconds[index]
    }

    private func append() {
        let within = min(kind.logDeviation, options.rateDeviation)
        let rate =
            kind.medianMbps * 125 * place * exp(within * rateNoise) * options.bandwidthFactor
        seconds.append(
            Second(
                kind: kind, down: rate, up: rate * kind.uploadShare,
                roundTripMs: kind.roundTripMs * random.logNormal(options.roundTripDeviation),
                slowdown: exp(options.driftDeviation * driftNoise)
                    * (isHot ? options.hotSlowdown : 1)))
        advance()
    }

    private func advance() {
        rateNoise = Self.next(rateNoise, memoryMs: options.rateMemoryMs, &random)
        driftNoise = Self.next(driftNoise, memoryMs: Self.driftMs, &random)
        kindLeftMs -= 1000
        while kindLeftMs <= 0 {
            kind = NetworkKind.allCases[random.choice(jumps)]
            kindLeftMs += random.exponential(Self.stayMs(kind, options))
            place = drawPlace()
        }
        hotLeftMs -= 1000
        while hotLeftMs <= 0 {
            isHot = random.uniform() < hotShare
            hotLeftMs += random.exponential(Self.hotMs)
        }
    }

    /// One second on, of a process with variance 1 that forgets in the given time.
    private static func next(
        _ value: Double, memoryMs: Double, _ random: inout SeededRandom
    ) -> Double {
        let kept = exp(-1000 / memoryMs)
        return kept * value + (1 - kept * kept).squareRoot() * random.normal()
    }

    // MARK: What takes time

    /// The first time from `ms` on at which there is a network.
    package func connected(from ms: Double) -> Double {
        var time = ms
        while second(at: time).down == 0 { time = endOfSecond(time) }
        return time
    }

    /// Always later than `ms`, whatever rounding does, so that loops over seconds end.
    private func endOfSecond(_ ms: Double) -> Double {
        let end = beginMs + (max(0, ((ms - beginMs) / 1000).rounded(.down)) + 1) * 1000
        return end > ms ? end : end + 1000
    }

    /// When a number of round trips that begin at `ms` are over.
    package func roundTrips(_ count: Double, from ms: Double) -> Double {
        var (time, left) = (ms, count)
        while left > 0 {
            time = connected(from: time)
            time += min(1, left) * second(at: time).roundTripMs
            left -= 1
        }
        return time
    }

    /// When bytes have come that begin to flow at `ms`.
    package func flow(_ bytes: Double, from ms: Double, isUpload: Bool = false) -> Double {
        var (time, left) = (ms, bytes)
        while true {
            time = connected(from: time)
            let second = second(at: time)
            let rate = isUpload ? second.up : second.down
            let end = endOfSecond(time)
            if time + left / rate <= end { return time + left / rate }
            left -= rate * (end - time)
            time = end
        }
    }

    /// When a download is over: round trips until the first byte, TCP's slow start, then the line.
    package func download(_ bytes: Double, trips: Double, from ms: Double) -> Double {
        var time = roundTrips(trips, from: ms)
        var (left, window) = (bytes, Self.initialWindowBytes)
        while true {
            time = connected(from: time)
            let second = second(at: time)
            guard window < second.down * second.roundTripMs, left > window else { break }
            left -= window
            time += second.roundTripMs
            window *= 2
        }
        return flow(left, from: time)
    }

    /// Ten segments of 1460 bytes (RFC 6928).
    private static let initialWindowBytes = 14_600.0
}
