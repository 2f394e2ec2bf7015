package import RuntimeAdapter

/// A class of devices in the fleet: the figures of a shipped profile, how many there are, how they are
/// connected.
package struct FleetClass: Sendable {
    /// The profile's name.
    package let name: String
    /// Label of the runtime, as in the profile.
    package let runtime: String
    /// 10⁹ operations per second, as in the profile.
    package let peakGflops: Double
    /// 10⁹ bytes per second, as in the profile.
    package let memoryBandwidthGBps: Double
    /// MiB that the model may use, as in the profile.
    package let memoryMiB: Double
    /// As in the profile.
    package let channelMultiple: Int
    /// Microseconds per layer, as in the profile.
    package let layerOverheadUs: Double
    /// MiB of weights per second, as in the profile.
    package let decodeMiBPerSecond: Double
    /// The profile's own network, by which the nearest profile is found.
    package let profileMbps: Double
    /// Of the fleet.
    package let share: Double
    /// How much of the time each kind of network is there, in the order of ``NetworkKind``.
    package let networks: [Double]
    /// What the browser's cache leaves for models, in MiB.
    package let cacheMiB: Double
    /// How often a device is hot, as a share of the time; it then runs slower.
    package let hotShare: Double

    /// The classes that clients are of.
    package static let all = [
        FleetClass(
            name: "low-end-phone-3g", runtime: "tfjs-wasm", peakGflops: 1.2, memoryBandwidthGBps: 2,
            memoryMiB: 64, channelMultiple: 4, layerOverheadUs: 100, decodeMiBPerSecond: 12,
            profileMbps: 0.7, share: 0.25, networks: [0, 0.45, 0, 0.32, 0.21, 0.02], cacheMiB: 32,
            hotShare: 0.15),
        FleetClass(
            name: "phone-4g", runtime: "tfjs-wasm", peakGflops: 12, memoryBandwidthGBps: 10,
            memoryMiB: 256, channelMultiple: 4, layerOverheadUs: 30, decodeMiBPerSecond: 36,
            profileMbps: 12, share: 0.35, networks: [0, 0.62, 0.03, 0.315, 0.025, 0.01],
            cacheMiB: 64,
            hotShare: 0.15),
        FleetClass(
            name: "flagship-5g", runtime: "tfjs-wasm", peakGflops: 30, memoryBandwidthGBps: 25,
            memoryMiB: 512, channelMultiple: 4, layerOverheadUs: 15, decodeMiBPerSecond: 72,
            profileMbps: 100, share: 0.15, networks: [0, 0.62, 0.1, 0.26, 0.01, 0.01],
            cacheMiB: 128,
            hotShare: 0.15),
        FleetClass(
            name: "laptop-wifi", runtime: "tfjs-wasm-threads", peakGflops: 50,
            memoryBandwidthGBps: 25, memoryMiB: 1024, channelMultiple: 4, layerOverheadUs: 15,
            decodeMiBPerSecond: 140, profileMbps: 50, share: 0.2,
            networks: [0.1, 0.89, 0, 0, 0, 0.01], cacheMiB: 256, hotShare: 0.05),
        FleetClass(
            name: "single-board-lan", runtime: "tflite-xnnpack", peakGflops: 15,
            memoryBandwidthGBps: 5, memoryMiB: 512, channelMultiple: 8, layerOverheadUs: 10,
            decodeMiBPerSecond: 48, profileMbps: 940, share: 0.05,
            networks: [0.995, 0, 0, 0, 0, 0.005], cacheMiB: 128, hotShare: 0.1),
    ]

    /// One core of the cloud: the profile `edge-server`.
    package static let cloud = FleetClass(
        name: "edge-server", runtime: "onednn", peakGflops: 220, memoryBandwidthGBps: 30,
        memoryMiB: 4096, channelMultiple: 16, layerOverheadUs: 5, decodeMiBPerSecond: 143,
        profileMbps: 940, share: 0, networks: [1, 0, 0, 0, 0, 0], cacheMiB: 0, hotShare: 0)

    /// The class as the adapter knows it, for networks so many times as large as those in the store.
    package func known(scale: Double) -> KnownDevice {
        KnownDevice(
            name: name, runtime: runtime, peakGflops: peakGflops / scale,
            memoryBandwidthGBps: memoryBandwidthGBps / scale, memoryMiB: memoryMiB,
            channelMultiple: channelMultiple, layerOverheadUs: layerOverheadUs,
            decodeMiBPerSecond: decodeMiBPerSecond)
    }
}
