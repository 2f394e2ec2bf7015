import Execution
package import RuntimeAdapter

/// What this machine sustains with the engine that predicts here, as a class of devices of its own.
package enum ServerCapability {
    /// What contexts call the class.
    package static let deviceClass = "this-server"

    /// Measures for about a second, on one thread, as each prediction has one.
    ///
    /// - Throws: `ExecutionError` if the engine fails.
    package static func measure() throws -> KnownDevice {
        let probe = MachineProbe(threads: 1, isQuick: true)
        return KnownDevice(
            name: deviceClass, runtime: "onednn", peakGflops: try probe.gflops(),
            memoryBandwidthGBps: try probe.bandwidthGBps(),
            channelMultiple: MachineProbe.channelMultiple(try probe.sweep(step: 4)),
            layerOverheadUs: try probe.overheadUs())
    }
}
