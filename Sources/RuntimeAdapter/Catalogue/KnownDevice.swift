package import Contexts

/// A class of devices that the cost model has figures for.
public struct KnownDevice: Sendable, Equatable {
    /// What contexts call the class: the name of the profile that describes it.
    public let name: String
    package let device: Device
    /// Measured latencies, which win over the formula.
    package let table: LatencyTable?

    package init(name: String, device: Device, table: LatencyTable? = nil) {
        self.name = name
        self.device = device
        self.table = table
    }

    /// A class with the figures of a profile's `device` section, in its units.
    ///
    /// Figures are moved into the ranges of profiles; what is no number counts as the lower end.
    /// - Parameters:
    ///   - runtime: label that contexts may give instead of the name.
    ///   - memoryMiB: what the model may use; nil without a limit.
    public init(
        name: String, runtime: String, peakGflops: Double, memoryBandwidthGBps: Double,
        memoryMiB: Double? = nil, channelMultiple: Int = 1, layerOverheadUs: Double = 0,
        decodeMiBPerSecond: Double = 100
    ) {
        func inRange(_ value: Double, _ range: ClosedRange<Double>) -> Double {
            value > range.lowerBound ? min(value, range.upperBound) : range.lowerBound
        }
        self.init(
            name: name,
            device: Device(
                runtime: runtime, peakGflops: inRange(peakGflops, 0.001...1_000_000),
                memoryBandwidthGBps: inRange(memoryBandwidthGBps, 0.001...100_000),
                memoryMiB: memoryMiB.map { inRange($0, 0...16_777_216) },
                channelMultiple: min(max(channelMultiple, 1), 1024),
                layerOverheadUs: inRange(layerOverheadUs, 0...1_000_000),
                decodeMiBPerSecond: inRange(decodeMiBPerSecond, 0.01...1_000_000)))
    }

    /// Label of the runtime.
    public var runtime: String { device.runtime }

    /// Whether this class is the safer assumption of two: less arithmetic, then less bandwidth, then
    /// more overhead; the name decides between equals.
    func isSlower(than other: KnownDevice) -> Bool {
        let (one, two) = (device, other.device)
        if one.peakGflops != two.peakGflops { return one.peakGflops < two.peakGflops }
        if one.memoryBandwidthGBps != two.memoryBandwidthGBps {
            return one.memoryBandwidthGBps < two.memoryBandwidthGBps
        }
        if one.layerOverheadUs != two.layerOverheadUs {
            return one.layerOverheadUs > two.layerOverheadUs
        }
        return name < other.name
    }
}
