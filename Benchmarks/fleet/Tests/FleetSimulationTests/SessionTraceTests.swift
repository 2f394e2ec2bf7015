import FleetSimulation
import Foundation
import Testing

@Suite("Traces of networks and devices")
struct SessionTraceTests {
    private func trace(
        _ name: String, session: UInt64, _ options: WorldOptions = WorldOptions()
    ) throws -> SessionTrace {
        let fleetClass = try #require(FleetClass.all.first { $0.name == name })
        return SessionTrace(
            of: fleetClass, beginMs: 5000, options: options, random: SeededRandom(3, session))
    }

    @Test("each kind of network has its share of the time, from the first second on")
    func shares() throws {
        let fleetClass = try #require(FleetClass.all.first { $0.name == "phone-4g" })
        var (first, later) = (Array(repeating: 0.0, count: 6), Array(repeating: 0.0, count: 6))
        let count = 20_000
        for session in 0..<UInt64(count) {
            let trace = try trace("phone-4g", session: session)
            first[trace.second(at: 5000).kind.rawValue] += 1 / Double(count)
            later[trace.second(at: 305_000).kind.rawValue] += 1 / Double(count)
        }
        for (kind, share) in fleetClass.networks.enumerated() {
            #expect(abs(first[kind] - share) < 0.012)
            #expect(abs(later[kind] - share) < 0.012)
        }
    }

    @Test("rates have the median and the spread of their kind, and are forgotten as they should be")
    func rates() throws {
        var options = WorldOptions()
        // One kind for ever, so that only the rate moves.
        options.networkMs = 1e15
        options.outageMs = 1e15
        var (now, later): ([Double], [Double]) = ([], [])
        var session = UInt64(0)
        while now.count < 6000 {
            let trace = try trace("phone-4g", session: session, options)
            session += 1
            guard trace.second(at: 5000).kind == .fourG else { continue }
            now.append(log(trace.second(at: 5000).down / 125))
            later.append(log(trace.second(at: 15_000).down / 125))
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let kind = NetworkKind.fourG
        #expect(abs(mean(now) - log(kind.medianMbps)) < 0.05)
        let variance = mean(now.map { $0 * $0 }) - mean(now) * mean(now)
        #expect(abs(variance.squareRoot() - kind.logDeviation) < 0.05)
        let covariance = mean(zip(now, later).map { $0 * $1 }) - mean(now) * mean(later)
        let within = options.rateDeviation * options.rateDeviation
        let kept = exp(-10_000 / options.rateMemoryMs)
        let expected = kind.logDeviation * kind.logDeviation - within + within * kept
        #expect(abs(covariance - expected) < 0.06)
    }

    @Test("the same whatever is looked at first")
    func lookingDoesNotMatter() throws {
        let (one, other) = (
            try trace("flagship-5g", session: 9), try trace("flagship-5g", session: 9)
        )
        let late = one.second(at: 90_000)
        for second in stride(from: 5000.0, through: 90_000, by: 1000) {
            _ = other.second(at: second)
        }
        #expect(late.down == other.second(at: 90_000).down)
        #expect(
            one.download(1e6, trips: 3, from: 7000) == other.download(1e6, trips: 3, from: 7000))
    }

    @Test("a download takes its round trips and what the line needs, and waits in outages")
    func downloads() throws {
        for session in 0..<200 as Range<UInt64> {
            let trace = try trace("low-end-phone-3g", session: session)
            let small = trace.download(1000, trips: 3, from: 6000)
            let large = trace.download(1_000_000, trips: 3, from: 6000)
            #expect(small >= trace.roundTrips(3, from: 6000))
            #expect(large > small)
            // No faster than every byte at the best rate on the way.
            let seconds = stride(from: 6000.0, through: large, by: 1000).map {
                trace.second(at: $0)
            }
            let best = max(seconds.map(\.down).max() ?? 0, trace.second(at: large).down)
            #expect(large - 6000 >= 900_000 / best)
            #expect(trace.second(at: trace.connected(from: 6000)).down > 0)
        }
    }
}
