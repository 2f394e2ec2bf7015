import Foundation
import Testing

@testable import RuntimeAdapter

/// Estimates against networks of which the truth is known.
@Suite struct MonitorTests {
    /// A network that makes transfers.
    private struct Line {
        var mbps: Double
        var roundTripMs: Double
        var noise = 0.1
        var random: SeededGenerator

        mutating func transfer(_ bytes: Int, atMs: Double) -> Transfer {
            let line = Double(bytes) / (mbps * 125) * exp(noise * random.normal())
            let trip = roundTripMs * exp(noise * random.normal() / 2)
            return Transfer(bytes: bytes, durationMs: trip + line, atMs: atMs)
        }

        mutating func size() -> Int { Int(random.logarithmic(20_000...2_000_000)) }
    }

    private func check(
        _ monitor: ContextMonitor, atMs: Double, mbps: Double, roundTripMs: Double?,
        within share: Double, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard let network = monitor.network(atMs: atMs), let bandwidth = network.bandwidthMbps,
            let trip = network.roundTripMs
        else {
            Issue.record("\(words): no estimate", sourceLocation: sourceLocation)
            return
        }
        #expect(
            abs(log(bandwidth.value / mbps)) < share, "\(words): \(bandwidth)",
            sourceLocation: sourceLocation)
        if let roundTripMs {
            #expect(
                abs(trip.value - roundTripMs) < roundTripMs * 0.5, "\(words): \(trip)",
                sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [(1, 1.5, 300), (2, 12, 70), (3, 100, 15)] as [(UInt64, Double, Double)])
    func findsTheTruth(seed: UInt64, mbps: Double, roundTripMs: Double) {
        var line = Line(mbps: mbps, roundTripMs: roundTripMs, random: SeededGenerator(seed: seed))
        var monitor = ContextMonitor()
        for number in 0..<24 {
            #expect(
                monitor.record(line.transfer(line.size(), atMs: Double(number) * 1000)) == .accepted
            )
        }
        check(
            monitor, atMs: 24_000, mbps: mbps, roundTripMs: nil, within: 0.2, "seed \(seed)")
        for number in 0..<8 {
            monitor.recordRoundTrip(
                roundTripMs * exp(0.1 * line.random.normal()), atMs: 24_000 + Double(number))
        }
        check(
            monitor, atMs: 25_000, mbps: mbps, roundTripMs: roundTripMs, within: 0.2, "seed \(seed)"
        )
    }

    @Test(arguments: [4, 5, 6, 7] as [UInt64])
    func outliersDoNotCount(seed: UInt64) {
        var line = Line(mbps: 12, roundTripMs: 70, random: SeededGenerator(seed: seed))
        var monitor = ContextMonitor()
        for number in 0..<24 {
            var transfer = line.transfer(line.size(), atMs: Double(number) * 1000)
            if number % 5 == 0 { transfer.durationMs *= number % 2 == 0 ? 50 : 0.02 }
            monitor.record(transfer)
        }
        check(monitor, atMs: 24_000, mbps: 12, roundTripMs: nil, within: 0.35, "seed \(seed)")
    }

    @Test func driftIsFollowed() {
        var line = Line(mbps: 40, roundTripMs: 30, random: SeededGenerator(seed: 8))
        var monitor = ContextMonitor()
        for number in 0..<30 {
            monitor.record(line.transfer(line.size(), atMs: Double(number) * 2000))
        }
        line.mbps = 4
        for number in 30..<60 {
            monitor.record(line.transfer(line.size(), atMs: Double(number) * 2000))
        }
        check(monitor, atMs: 120_000, mbps: 4, roundTripMs: nil, within: 0.2, "after the drop")
    }

    @Test func transfersOfOneSizeTellTheBandwidth() {
        var line = Line(mbps: 12, roundTripMs: 20, random: SeededGenerator(seed: 9))
        var monitor = ContextMonitor()
        for number in 0..<20 {
            monitor.record(line.transfer(1_000_000, atMs: Double(number) * 1000))
        }
        check(monitor, atMs: 20_000, mbps: 12, roundTripMs: nil, within: 0.2, "one size")
    }

    @Test func littleIsLittleSure() throws {
        var line = Line(mbps: 12, roundTripMs: 70, noise: 0.05, random: SeededGenerator(seed: 10))
        var monitor = ContextMonitor()
        #expect(monitor.network(atMs: 0) == nil)
        func share(atMs: Double) throws -> Double {
            let bandwidth = try #require(monitor.network(atMs: atMs)?.bandwidthMbps)
            return bandwidth.deviation / bandwidth.value
        }
        monitor.record(line.transfer(500_000, atMs: 0))
        let first = try share(atMs: 0)
        for number in 1..<20 { monitor.record(line.transfer(500_000, atMs: Double(number) * 100)) }
        let later = try share(atMs: 2000)
        #expect(later < first / 2)
        // Silence makes it less sure again, and then unknown.
        #expect(try share(atMs: 120_000) > later)
        #expect(monitor.network(atMs: 700_000) == nil)
    }

    @Test func anOutageIsNoEstimate() {
        var line = Line(mbps: 12, roundTripMs: 70, random: SeededGenerator(seed: 11))
        var monitor = ContextMonitor()
        for number in 0..<10 {
            monitor.record(line.transfer(line.size(), atMs: Double(number) * 1000))
        }
        monitor.recordFailure(atMs: 11_000)
        monitor.recordFailure(atMs: 12_000)
        #expect(monitor.network(atMs: 12_000) != nil)
        monitor.recordFailure(atMs: 13_000)
        #expect(monitor.isInOutage)
        #expect(monitor.network(atMs: 13_000) == nil)
        monitor.record(line.transfer(line.size(), atMs: 14_000))
        #expect(!monitor.isInOutage)
        check(monitor, atMs: 14_000, mbps: 12, roundTripMs: nil, within: 0.3, "after the outage")
    }

    @Test func absurdTransfersAreLeftOut() {
        var monitor = ContextMonitor()
        let good = Transfer(bytes: 1000, durationMs: 10, atMs: 0)
        for change in [
            { (transfer: inout Transfer) in transfer.bytes = 0 }, { $0.bytes = -5 },
            { $0.bytes = .max }, { $0.durationMs = 0 }, { $0.durationMs = -1 },
            { $0.durationMs = .nan }, { $0.durationMs = .infinity }, { $0.atMs = .nan },
            { $0.atMs = .infinity }, { $0.roundTrips = -1 }, { $0.roundTrips = .nan },
        ] {
            var transfer = good
            change(&transfer)
            #expect(monitor.record(transfer) == .absurd)
        }
        for ms in [-1, Double.nan, .infinity, 60_001] {
            #expect(monitor.recordRoundTrip(ms, atMs: 0) == .absurd)
        }
        #expect(monitor.network(atMs: 0) == nil)
        #expect(monitor == ContextMonitor())
    }

    /// Believable but extreme values give finite estimates.
    @Test(arguments: [12, 13] as [UInt64])
    func estimatesAreFinite(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var monitor = ContextMonitor()
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                monitor.record(
                    Transfer(
                        bytes: Int(random.logarithmic(1...1e15)),
                        durationMs: random.logarithmic(1e-9...86_400_000),
                        atMs: random.logarithmic(1...1e14),
                        roundTrips: Double.random(in: 0...100, using: &random)))
            }
            guard let network = monitor.network(atMs: .nan) else { continue }
            for estimate in [network.bandwidthMbps, network.roundTripMs] {
                #expect(
                    estimate.map { $0.value.isFinite && $0.deviation.isFinite && $0.value >= 0 }
                        == true, "seed \(seed)")
            }
        }
    }

    @Test func aClockThatGoesBackDoesNoHarm() {
        var line = Line(mbps: 12, roundTripMs: 70, random: SeededGenerator(seed: 14))
        var (steady, jumping) = (ContextMonitor(), ContextMonitor())
        for number in 0..<20 {
            let transfer = line.transfer(line.size(), atMs: 1e9 + Double(number) * 1000)
            steady.record(transfer)
            var other = transfer
            if number >= 10 { other.atMs -= 1e9 }
            jumping.record(other)
        }
        let (one, other) = (steady.network(atMs: 1e9 + 20_000), jumping.network(atMs: 20_000))
        #expect(one?.bandwidthMbps?.value == other?.bandwidthMbps?.value)
        #expect(one?.roundTripMs == other?.roundTripMs)
    }
}
