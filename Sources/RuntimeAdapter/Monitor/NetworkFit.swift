import Foundation

/// A line through transfers: milliseconds for each round trip and for each byte.
///
/// The slope is the median of the slopes of all pairs (Theil, 1950; Sen, 1968), so that up to 29 % of the
/// transfers may be anything. Transfers of about one size say nothing about a slope; then what is known
/// of the round trip, or a part of the fastest transfer, stands in for it.
struct NetworkFit {
    let msPerByte: Double
    let roundTripMs: Double
    /// Spread of single transfers' rates, as a share: 1.4826 times the median deviation of their logarithms.
    let bandwidthShare: Double
    let roundTripDeviation: Double

    /// - Parameters:
    ///   - transfers: at least one; believable.
    ///   - pings: round trips that were observed by themselves, in milliseconds.
    init?(_ transfers: [Transfer], pings: [Double]) {
        guard !transfers.isEmpty else { return nil }
        let ping = Self.median(pings)
        let slope = Self.slope(transfers, roundTripMs: ping)
        let intercepts = transfers.map {
            max(0, ($0.durationMs - Double($0.bytes) * slope) / max(1, $0.roundTrips))
        }
        let roundTrip = ping ?? Self.median(intercepts) ?? 0
        // Rates of single transfers; in a small one there is nothing but the round trip.
        let logarithms = transfers.filter { $0.bytes >= Self.leastBytes }.compactMap { transfer in
            let line = transfer.durationMs - roundTrip * transfer.roundTrips
            return log(max(line, transfer.durationMs * 0.1) / Double(transfer.bytes))
        }
        let middle = Self.median(logarithms) ?? log(slope)
        msPerByte = exp(middle)
        roundTripMs = roundTrip
        bandwidthShare = Self.spread(logarithms, around: middle)
        let trips = pings.isEmpty ? intercepts : pings
        roundTripDeviation = Self.spread(trips, around: roundTrip)
    }

    /// Smaller transfers tell about the round trip alone.
    static let leastBytes = 4096

    private static func slope(_ transfers: [Transfer], roundTripMs: Double?) -> Double {
        let direct = transfers.map { transfer in
            let line = transfer.durationMs - (roundTripMs ?? 0) * transfer.roundTrips
            return max(line, transfer.durationMs * 0.1) / Double(max(1, transfer.bytes))
        }
        if roundTripMs != nil { return median(direct) ?? 0 }
        var slopes: [Double] = []
        for (index, one) in transfers.enumerated() {
            for other in transfers[(index + 1)...] {
                let (small, large) = one.bytes < other.bytes ? (one, other) : (other, one)
                guard large.bytes >= 2 * small.bytes, small.roundTrips == large.roundTrips else {
                    continue
                }
                slopes.append(
                    (large.durationMs - small.durationMs) / Double(large.bytes - small.bytes))
            }
        }
        guard slopes.count >= 3, let slope = median(slopes), slope > 0 else {
            return median(direct) ?? 0
        }
        return slope
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The standard deviation that normal values with the same median deviation have.
    private static func spread(_ values: [Double], around middle: Double) -> Double {
        1.4826 * (median(values.map { abs($0 - middle) }) ?? 0)
    }
}
