extension CostModel {
    /// Round trips before the first byte of a first download: TCP, TLS 1.3, the request.
    package static let connectionRoundTrips = 3.0

    /// Bytes that a server sends before it waits for an acknowledgement: ten segments of 1460 bytes
    /// (RFC 6928).
    package static let initialWindowBytes = 14_600.0

    /// Predicted time until a variant can run, in milliseconds: connection, transfer, decoding.
    ///
    /// `nil` without a network. Never falls when either size grows.
    ///
    /// - Parameters:
    ///   - fileBytes: size of the file as it travels.
    ///   - decodedBytes: size of the parameters in memory.
    /// - Returns: milliseconds.
    package func loadMs(fileBytes: Int, decodedBytes: Int) -> Double? {
        guard let network else { return nil }
        return Self.connectionRoundTrips * network.roundTripMs
            + transferMs(Double(max(0, fileBytes)), over: network)
            + decodingMs(decodedBytes)
    }

    /// Time to turn a file's content into weights in memory, in milliseconds.
    package func decodingMs(_ decodedBytes: Int) -> Double {
        let rate = device?.decodeMiBPerSecond ?? Device.defaultDecodeMiBPerSecond
        return Double(max(0, decodedBytes)) / 1_048_576 / rate * 1000
    }

    /// The largest file that loads in time, in bytes; `nil` if not even an empty one does, and
    /// without a network.
    ///
    /// - Complexity: O(log of the largest size), a few dozen steps.
    package func largestFileBytes(loadingWithin limitMs: Double, decodedBytes: Int) -> Int? {
        guard let network else { return nil }
        func fits(_ bytes: Int) -> Bool {
            (loadMs(fileBytes: bytes, decodedBytes: decodedBytes) ?? .infinity) <= limitMs
        }
        guard fits(0) else { return nil }
        // No file arrives faster than the bandwidth allows; 2⁵³ keeps the sizes exact in `Double`.
        let bound = max(0, limitMs) * network.bytesPerMillisecond + 1
        var low = 0
        var high = Int(min(bound, 9_007_199_254_740_992))
        if fits(high) { return high }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if fits(middle) { low = middle } else { high = middle }
        }
        return low
    }

    /// TCP slow start: the window doubles every round trip until it covers the line.
    private func transferMs(_ bytes: Double, over network: Network) -> Double {
        let rate = network.bytesPerMillisecond
        let lineBytes = rate * network.roundTripMs
        var remaining = bytes
        var window = Self.initialWindowBytes
        var time = 0.0
        while window < lineBytes, remaining > window {
            remaining -= window
            time += network.roundTripMs
            window *= 2
        }
        return time + remaining / rate
    }
}

extension Network {
    /// 10⁶ bits a second are 125 bytes a millisecond.
    var bytesPerMillisecond: Double { bandwidthMbps * 125 }
}
