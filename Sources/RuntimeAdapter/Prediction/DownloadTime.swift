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
    private let bytesPerMs: Double
    private let mostRounds: Int32
    private let roundTripDeviation: Double
    /// One standard deviation of the bandwidth, as a share of it.
    private let bandwidthShare: Double

    init(_ network: CheckedNetwork) {
        roundTripMs = network.roundTripMs
        // 10⁶ bits a second are 125 bytes a millisecond.
        bytesPerMs = network.bandwidthMbps * 125
        roundTripDeviation = network.roundTripDeviation
        bandwidthShare = network.bandwidthDeviation / network.bandwidthMbps
        let windows = bytesPerMs * roundTripMs / CostModel.initialWindowBytes
        mostRounds = windows > 1 ? Int32(clamping: Int(log2(windows).rounded(.up))) : 0
    }

    /// How often a download waits for its window, however long the line is.
    static func slowStartRounds(bytes: Int) -> Int32 {
        let windows = Double(max(0, bytes)) / CostModel.initialWindowBytes
        return Int32(clamping: max(0, Int(log2(windows + 1).rounded(.up)) - 1))
    }

    /// Milliseconds until a file is here, and their variance as the network's uncertainty makes it.
    @inline(__always)
    func predict(bytes: Double, slowStartRounds: Int32) -> (ms: Double, variance: Double) {
        let rounds = min(slowStartRounds, mostRounds)
        // At most 50: no file has more than 2⁶³ bytes.
        let before = CostModel.initialWindowBytes * Double((1 << Int64(rounds)) - 1)
        let line = max(0, bytes - before) / bytesPerMs
        let trips = CostModel.connectionRoundTrips + Double(rounds)
        let byBandwidth = line * bandwidthShare
        let byRoundTrip = trips * roundTripDeviation
        return (
            trips * roundTripMs + line, byBandwidth * byBandwidth + byRoundTrip * byRoundTrip
        )
    }
}
