/// The network that a variant is downloaded over.
package struct Network: Sendable, Equatable, Codable {
    /// Download rate in 10⁶ bits per second.
    package var bandwidthMbps: Double
    /// Time from a request to the first byte of its answer, in milliseconds.
    package var roundTripMs: Double

    package init(bandwidthMbps: Double, roundTripMs: Double) {
        self.bandwidthMbps = bandwidthMbps
        self.roundTripMs = roundTripMs
    }

    enum CodingKeys: String, CodingKey {
        case bandwidthMbps = "bandwidth-mbps"
        case roundTripMs = "round-trip-ms"
    }
}
