/// What a device can compute, move and hold, as seen by the runtime that executes the model there.
///
/// The numbers are those that the runtime *sustains*, not those of a data sheet: a browser's
/// WebAssembly reaches a fraction of the processor's peak.
package struct Device: Sendable, Equatable, Codable {
    /// Free label of the runtime, such as `tfjs-wasm`; compared as a whole, never interpreted.
    package var runtime: String
    /// Sustained 32-bit floating-point rate in 10⁹ operations per second; a multiply-add counts as
    /// two.
    package var peakGflops: Double
    /// Sustained memory bandwidth in 10⁹ bytes per second.
    package var memoryBandwidthGBps: Double
    /// Memory that the model may use at run time, in MiB; `nil` if the device sets no limit.
    package var memoryMiB: Double?
    /// Channel counts are rounded up to a multiple of this by the runtime's kernels; 1 for none.
    package var channelMultiple: Int
    /// Fixed cost of dispatching one layer, in microseconds.
    package var layerOverheadUs: Double
    /// Rate at which a file becomes weights in memory, in MiB of decoded weights per second.
    package var decodeMiBPerSecond: Double
    /// Path of measured layer latencies, relative to the profile; `nil` if nothing was measured.
    package var latencyTable: String?

    package init(
        runtime: String, peakGflops: Double, memoryBandwidthGBps: Double, memoryMiB: Double? = nil,
        channelMultiple: Int = 1, layerOverheadUs: Double = 0,
        decodeMiBPerSecond: Double = Device.defaultDecodeMiBPerSecond, latencyTable: String? = nil
    ) {
        self.runtime = runtime
        self.peakGflops = peakGflops
        self.memoryBandwidthGBps = memoryBandwidthGBps
        self.memoryMiB = memoryMiB
        self.channelMultiple = channelMultiple
        self.layerOverheadUs = layerOverheadUs
        self.decodeMiBPerSecond = decodeMiBPerSecond
        self.latencyTable = latencyTable
    }

    /// Decoding rate where the profile names none: one thread that inflates and copies.
    package static let defaultDecodeMiBPerSecond = 100.0

    enum CodingKeys: String, CodingKey {
        case runtime
        case peakGflops = "peak-gflops"
        case memoryBandwidthGBps = "memory-bandwidth-gbps"
        case memoryMiB = "memory-mib"
        case channelMultiple = "channel-multiple"
        case layerOverheadUs = "layer-overhead-us"
        case decodeMiBPerSecond = "decode-mib-per-s"
        case latencyTable = "latency-table"
    }
}
