import Contexts
import Foundation
import RuntimeAdapter

/// A proposed profile as a file that `prune --profile` takes.
struct ProposedProfile {
    let proposal: ProfileProposal

    /// The file's name.
    var fileName: String { "\(proposal.profile.name).yaml" }

    /// What the variant is for, in a sentence.
    var description: String {
        "\(proposal.model): limits of contexts that nothing serves, \(Measure.percent(proposal.share)) of requests"
    }

    /// The profile's text; each number says where it comes from.
    var yaml: String {
        let profile = proposal.profile
        var lines = [
            "# Proposed by prune variants recommend for \(proposal.model.printable): "
                + "\(Measure.percent(proposal.share)) of requests would get this variant,",
            "# and get nothing within their limits now.",
            "schema: 1", "name: \(profile.name)", "description: \(Self.quoted(description))",
        ]
        if let device = profile.device { lines += Self.lines(device) }
        if let network = profile.network {
            lines += [
                "network:", "  # Of the context that is seen most of those with these limits.",
                "  bandwidth-mbps: \(Self.number(network.bandwidthMbps))",
                "  round-trip-ms: \(Self.number(network.roundTripMs))",
            ]
        }
        lines.append("budget:")
        if let inference = profile.budget.inferenceMs {
            lines += [
                "  # The deadline of \(Self.number(proposal.context.inferenceDeadlineMs ?? 0)) ms, without the margin that a selection keeps.",
                "  inference-ms: \(Self.number(inference))",
            ]
        }
        if let load = profile.budget.loadMs {
            lines += [
                "  # The deadline of \(Self.number(proposal.context.loadDeadlineMs ?? 0)) ms, without the margin that a selection keeps.",
                "  load-ms: \(Self.number(load))",
            ]
        }
        if let memory = profile.budget.peakMemoryMiB {
            lines += [
                "  # What the client allows, or its class.",
                "  peak-memory-mib: \(Self.number(memory))",
            ]
        }
        if let drop = profile.budget.maxAccuracyDrop {
            lines += [
                "  # From the base's accuracy to the floor of \(BudgetText.accuracy(proposal.floor ?? 0)); needs --data.",
                "  max-accuracy-drop: \(Self.number(drop))",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ device: Device) -> [String] {
        var lines = [
            "device:", "  # Of the class that these clients are predicted as.",
            "  runtime: \(quoted(device.runtime.isEmpty ? "unknown" : device.runtime))",
            "  peak-gflops: \(number(device.peakGflops))",
            "  memory-bandwidth-gbps: \(number(device.memoryBandwidthGBps))",
        ]
        if let memory = device.memoryMiB { lines.append("  memory-mib: \(number(memory))") }
        return lines + [
            "  channel-multiple: \(device.channelMultiple)",
            "  layer-overhead-us: \(number(device.layerOverheadUs))",
            "  decode-mib-per-s: \(number(device.decodeMiBPerSecond))",
        ]
    }

    /// As YAML reads it back, without an exponent.
    private static func number(_ value: Double) -> String {
        let text = Measure.plain(value)
        return text.contains("e") ? String(format: "%.6f", value) : text
    }

    private static func quoted(_ text: String) -> String {
        let plain = text.printable.prefix(1000).map { $0 == "\"" || $0 == "\\" ? "'" : $0 }
        return "\"\(String(plain))\""
    }

    // MARK: Files

    /// Writes profiles into a folder, which is made if it is not there: all or none.
    ///
    /// - Returns: the files' paths, in order.
    /// - Throws: ``CommandFailure``; nothing that is there is written over.
    static func write(_ proposals: [ProfileProposal], into folder: String) throws -> [String] {
        let files = proposals.map { ProposedProfile(proposal: $0) }
        let place = URL(filePath: folder)
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        let paths = files.map { prefix + $0.fileName }
        for path in paths where FileManager.default.fileExists(atPath: path) {
            throw CommandFailure(
                .cannotCreate,
                "\(path): is there already; move it away, or give another --write-profiles")
        }
        do {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.cannotCreate, "\(folder): the folder cannot be made")
        }
        var written: [String] = []
        for (file, path) in zip(files, paths) {
            do { try Data(file.yaml.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
                for path in written { try? FileManager.default.removeItem(atPath: path) }
                throw CommandFailure(.inputOutput, "\(path): cannot be written")
            }
            written.append(path)
        }
        return paths
    }
}
