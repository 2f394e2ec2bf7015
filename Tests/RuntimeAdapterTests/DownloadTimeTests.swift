import Contexts
import Testing

@testable import RuntimeAdapter

/// The closed form against the cost model's own loop.
@Suite struct DownloadTimeTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func equalsTheCostModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            let network = Network(
                bandwidthMbps: random.logarithmic(0.001...1_000_000),
                roundTripMs: Bool.random(using: &random) ? 0 : random.logarithmic(0.1...60_000))
            let bytes = Int(random.logarithmic(1...1e12))
            let expected = try #require(
                CostModel(device: nil, network: network).loadMs(fileBytes: bytes, decodedBytes: 0))
            let rounds = DownloadTime.slowStartRounds(bytes: bytes)
            let closed = DownloadTime(
                CheckedNetwork(
                    bandwidthMbps: network.bandwidthMbps, roundTripMs: network.roundTripMs,
                    bandwidthDeviation: 0, roundTripDeviation: 0)
            ).predict(
                bytes: Double(bytes), rounds: rounds, early: DownloadTime.bytes(afterRounds: rounds)
            )
            #expect(
                abs(closed.ms - expected) <= 1e-9 * expected,
                "seed \(seed): \(bytes) bytes over \(network)")
            #expect(closed.variance == 0)
        }
    }

    /// Where the window is exactly used up, one more byte costs no more than its share.
    @Test func agreesAtTheEdges() throws {
        let network = Network(bandwidthMbps: 50, roundTripMs: 100)
        let download = DownloadTime(
            CheckedNetwork(
                bandwidthMbps: 50, roundTripMs: 100, bandwidthDeviation: 0, roundTripDeviation: 0))
        for rounds in 0..<8 {
            let edge = 14_600 * ((1 << (rounds + 1)) - 1)
            for bytes in [edge - 1, edge, edge + 1] {
                let expected = try #require(
                    CostModel(device: nil, network: network)
                        .loadMs(fileBytes: bytes, decodedBytes: 0))
                let rounds = DownloadTime.slowStartRounds(bytes: bytes)
                let closed = download.predict(
                    bytes: Double(bytes), rounds: rounds,
                    early: DownloadTime.bytes(afterRounds: rounds))
                #expect(abs(closed.ms - expected) <= 1e-9 * expected, "\(bytes)")
            }
        }
        #expect(DownloadTime.slowStartRounds(bytes: -1) == 0)
        #expect(DownloadTime.slowStartRounds(bytes: .max) < 51)
    }
}
