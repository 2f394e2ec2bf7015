import Contexts

/// The classes of devices that a catalogue knows, and which of them a context means.
package struct DeviceDirectory: Sendable {
    private let byName: [String: KnownDevice]
    /// Of each runtime the slowest class: who says no more than the label may be that one.
    private let byRuntime: [String: KnownDevice]
    private let slowest: KnownDevice?

    /// Of several classes of one name the first counts.
    package init(_ devices: [KnownDevice]) {
        var byName: [String: KnownDevice] = [:]
        for device in devices where byName[device.name] == nil { byName[device.name] = device }
        var byRuntime: [String: KnownDevice] = [:]
        var slowest: KnownDevice?
        for device in byName.values {
            if let known = byRuntime[device.runtime], known.isSlower(than: device) {
                // The known one stays.
            } else {
                byRuntime[device.runtime] = device
            }
            if let known = slowest, known.isSlower(than: device) { continue }
            slowest = device
        }
        self.byName = byName
        self.byRuntime = byRuntime
        self.slowest = slowest
    }

    /// The classes, by name.
    package var devices: [KnownDevice] { byName.values.sorted { $0.name < $1.name } }

    /// The class that a context is predicted and learned as; allocates nothing.
    func deviceClass(of context: CheckedContext) -> DeviceClass {
        let origin: DeviceClass.Origin
        if let name = context.deviceClass, byName[name] != nil {
            origin = .name(name)
        } else if let runtime = context.runtime, byRuntime[runtime] != nil {
            origin = .runtime(runtime)
        } else {
            origin = .unknown
        }
        guard let capability = context.capability,
            let base = figures(for: origin, with: capability)
        else { return DeviceClass(origin: origin, steps: nil) }
        return DeviceClass(
            origin: origin,
            steps: DeviceClass.Steps(
                gflops: DeviceClass.step(base.gflops), bandwidth: DeviceClass.step(base.bandwidth),
                overhead: DeviceClass.step(base.overhead)))
    }

    /// What was measured, completed by what is known of such devices; nil if that is not enough.
    private func figures(
        for origin: DeviceClass.Origin, with capability: MeasuredCapability
    ) -> (gflops: Double, bandwidth: Double, overhead: Double)? {
        let like = known(origin)?.device
        guard let gflops = capability.peakGflops ?? like?.peakGflops,
            let bandwidth = capability.memoryBandwidthGBps ?? like?.memoryBandwidthGBps
        else { return nil }
        return (gflops, bandwidth, capability.layerOverheadUs ?? like?.layerOverheadUs ?? 0)
    }

    /// The class that stands for an origin; for an unknown one the slowest of all.
    private func known(_ origin: DeviceClass.Origin) -> KnownDevice? {
        switch origin {
        case .name(let name): byName[name]
        case .runtime(let runtime): byRuntime[runtime]
        case .unknown: slowest
        }
    }

    /// What the cost model computes with for a class; nil if nothing is known of any device.
    func known(for deviceClass: DeviceClass) -> KnownDevice? {
        let like = known(deviceClass.origin)
        guard let steps = deviceClass.steps else { return like }
        var device =
            like?.device ?? Device(runtime: "", peakGflops: 1, memoryBandwidthGBps: 1)
        device.peakGflops = DeviceClass.value(ofStep: steps.gflops)
        device.memoryBandwidthGBps = DeviceClass.value(ofStep: steps.bandwidth)
        device.layerOverheadUs = DeviceClass.value(ofStep: steps.overhead)
        // A table was measured on one device, and this is another.
        return KnownDevice(name: deviceClass.id, device: device)
    }
}
