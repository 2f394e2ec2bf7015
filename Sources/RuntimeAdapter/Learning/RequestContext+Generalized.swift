import Foundation

extension RequestContext {
    /// The context of somebody who comes anew: with no key, and nothing there.
    package var ofNewClient: RequestContext {
        var context = self
        (context.client, context.cached, context.loaded) = (nil, [], [])
        return context
    }

    /// The context as one of a kind: what tells a client apart is gone, and numbers are in steps.
    ///
    /// Rates, round trips and measured figures are rounded to the nearest power of √2, deviations up to a
    /// quarter, a half or all of their value, deadlines and memory down to two digits, floors up to half a
    /// percent. A model, class or runtime that the catalogue does not know may be any text, and is left out, as
    /// are the client's key and what it has.
    public func generalized(for catalogue: VariantCatalogue) -> RequestContext {
        let checked = CheckedContext(self)
        let origin = catalogue.devices.deviceClass(of: checked).origin
        var device = Device()
        switch origin {
        case .name(let name): device.deviceClass = name
        case .runtime(let runtime): device.runtime = runtime
        case .unknown: break
        }
        if let measured = checked.capability {
            device.peakGflops = measured.peakGflops.map(Self.step)
            device.memoryBandwidthGBps = measured.memoryBandwidthGBps.map(Self.step)
            device.layerOverheadUs = measured.layerOverheadUs.map(Self.step)
        }
        if checked.memoryBytes.isFinite {
            device.memoryMiB = Self.twoDigits(checked.memoryBytes / 1_048_576)
        }
        let network = checked.network.map {
            Network(
                bandwidthMbps: Self.estimate($0.bandwidthMbps, $0.bandwidthDeviation),
                roundTripMs: Self.estimate($0.roundTripMs, $0.roundTripDeviation))
        }
        func limit(_ ms: Double) -> Double? { ms.isFinite ? Self.twoDigits(ms) : nil }
        return RequestContext(
            model: checked.model.flatMap { catalogue.family($0) == nil ? nil : $0 },
            device: device, network: network, loadDeadlineMs: limit(checked.loadDeadlineMs),
            inferenceDeadlineMs: limit(checked.inferenceDeadlineMs),
            accuracyFloor: checked.hasFloor
                ? (checked.accuracyFloor * 200 - 1e-9).rounded(.up) / 200 : nil)
    }

    /// The nearest power of √2, to three digits.
    private static func step(_ value: Double) -> Double {
        guard value > 0 else { return 0 }
        let power = exp2((log2(value) * 2).rounded() / 2)
        let scale = pow(10, 2 - log10(power).rounded(.down))
        return (power * scale).rounded() / scale
    }

    private static func estimate(_ value: Double, _ deviation: Double) -> Estimate {
        let rounded = step(value)
        let share = value > 0 ? deviation / value : 0
        let steps = [0, 0.25, 0.5]
        return Estimate(rounded, deviation: rounded * (steps.first { share <= $0 } ?? 1))
    }

    /// Rounded down, so that a limit is kept.
    private static func twoDigits(_ value: Double) -> Double {
        guard value > 0 else { return 0 }
        let scale = pow(10, 1 - log10(value).rounded(.down))
        return (value * scale + 1e-9).rounded(.down) / scale
    }
}
