import Contexts
import Foundation

/// The cost model's download time over one network, without its loop over round trips.
///
/// TCP's window doubles every round trip from `W` on. A download of `b` bytes waits a round trip as long as
/// the window is smaller than the line holds and than what is left, which is
/// `k = min(⌈log₂(b/W + 1)⌉ − 1, ⌈log₂(line/W)⌉)` times; `W·(2^k − 1)` bytes have come by then. The first
/// term belongs to the file and is computed once; what remains per selection are a few operations.
struct DownloadTime {
    private let roundTripMs: Double
    private let msPerByte: Double
    /// Round trips that it takes to fill the line, and bytes that have come by then.
    private let mostRounds: Double
    private let mostBytes: Double
    private let roundTripDeviation: Double
    /// One standard deviation of the bandwidth, as a share of it.
    private let bandwidthShare: Double

    init(_ network: CheckedNetwork) {
        roundTripMs = network.roundTripMs
        // 10⁶ bits a second are 125 bytes a millisecond.
        let bytesPerMs = network.bandwidthMbps * 125
        msPerByte = 1 / bytesPerMs
        roundTripDeviation = network.roundTripDeviation
        bandwidthShare = network.bandwidthDeviation / network.bandwidthMbps
        let windows = bytesPerMs * roundTripMs / CostModel.initialWindowBytes
        mostRounds = windows > 1 ? log2(windows).rounded(.up) : 0
        mostBytes = Self.bytes(afterRounds: mostRounds)
    }

    /// How often a download waits for its window, however long the line is.
    static func slowStartRounds(bytes: Int) -> Double {
        let windows = Double(max(0, bytes)) / CostModel.initialWindowBytes
        return max(0, log2(windows + 1).rounded(.up) - 1)
    }

    /// Bytes that have come when the window has doubled so often.
    static func bytes(afterRounds rounds: Double) -> Double {
        CostModel.initialWindowBytes * (exp2(rounds) - 1)
    }

    /// Milliseconds until a file is here, and their variance as the network's uncertainty makes it.
    ///
    /// - Parameters:
    ///   - rounds: ``slowStartRounds(bytes:)`` of the file.
    ///   - early: ``bytes(afterRounds:)`` of those.
    @inline(__always)
    func predict(
        bytes: Double, rounds: Double, early: Double
    ) -> (ms: Double, variance: Double) {
        // Bytes grow with rounds, so the smaller of both are those of the fewer rounds.
        let line = (bytes - min(early, mostBytes)) * msPerByte
        let trips = CostModel.connectionRoundTrips + min(rounds, mostRounds)
        let byBandwidth = line * bandwidthShare
        let byRoundTrip = trips * roundTripDeviation
        return (
            trips * roundTripMs + line, byBandwidth * byBandwidth + byRoundTrip * byRoundTrip
        )
    }
}
