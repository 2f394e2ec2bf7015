import Contexts
import OrderedJSON

/// A profile as people and programs read it.
enum ProfileReport {
    static func device(_ device: Device?) -> String {
        guard let device else { return "–" }
        return "\(device.runtime), \(Measure.significant(device.peakGflops)) GFLOP/s"
    }

    static func network(_ network: Network?) -> String {
        guard let network else { return "–" }
        return "\(Measure.significant(network.bandwidthMbps)) Mbit/s, "
            + "\(Measure.significant(network.roundTripMs)) ms"
    }

    static func budget(_ budget: Budget) -> String {
        budget.keys.map { key in
            let relation = key.isFloor ? "≥" : "≤"
            return "\(key.rawValue) \(relation) \(Measure.plain(budget[key] ?? 0))"
        }
        .joined(separator: ", ")
    }

    static func json(_ file: ProfileFile) -> JSON {
        let profile = file.profile
        var json: JSON = [
            "file": .string(file.path), "name": .string(profile.name),
            "description": .string(profile.description),
        ]
        if let device = profile.device {
            json["device"] = [
                "runtime": .string(device.runtime), "peak-gflops": .real(device.peakGflops),
                "memory-bandwidth-gbps": .real(device.memoryBandwidthGBps),
                "memory-mib": device.memoryMiB.map { .real($0) } ?? .null,
                "channel-multiple": .integer(device.channelMultiple),
                "layer-overhead-us": .real(device.layerOverheadUs),
                "decode-mib-per-s": .real(device.decodeMiBPerSecond),
                "latency-table": device.latencyTable.map { .string($0) } ?? .null,
            ]
        }
        if let network = profile.network {
            json["network"] = [
                "bandwidth-mbps": .real(network.bandwidthMbps),
                "round-trip-ms": .real(network.roundTripMs),
            ]
        }
        var lines: JSON = [:]
        for key in profile.limits.keys {
            lines[key.rawValue] = .real(profile.limits[key] ?? 0)
        }
        json["budget"] = lines
        return json
    }
}
