import Contexts
import Foundation

@testable import RuntimeAdapter

/// What a selection must be, worked out the slow way: from the cost model and the rules as they are
/// documented, candidate by candidate, with sorting.
struct Reference {
    let candidates: [CandidateDescription]
    let devices: [KnownDevice]
    let options: SelectionOptions

    struct Answer: Equatable {
        var step: Selection.Step
        var digest: String?
        var copy: ClientCopy
    }

    struct Row {
        var candidate: CandidateDescription
        var copy: ClientCopy
        var mayServe: Bool
        var isUsable: Bool
        var fits: Bool
        var cost: Double
    }

    func answer(_ context: RequestContext) -> Answer {
        let rows = candidates.map { row($0, context) }
        func first(_ rows: [Row]) -> Row? {
            rows.min {
                if $0.cost != $1.cost { return $0.cost < $1.cost }
                return ($0.candidate.fileBytes, $0.candidate.reference)
                    < ($1.candidate.fileBytes, $1.candidate.reference)
            }
        }
        func answer(_ step: Selection.Step, _ row: Row) -> Answer {
            Answer(step: step, digest: row.candidate.digest, copy: row.copy)
        }
        let fitting = rows.filter(\.fits)
        if let best = fitting.map({ score($0.candidate) }).max(by: <),
            let row = first(fitting.filter { score($0.candidate) == best })
        {
            return answer(.fits, row)
        }
        if let row = first(rows.filter { $0.copy != .none && $0.mayServe }) {
            return answer(.cached, row)
        }
        if let row = first(rows.filter(\.mayServe)) { return answer(.smaller, row) }
        if let row = rows.first(where: { $0.candidate.kind == .base && $0.isUsable }) {
            return answer(.base, row)
        }
        return Answer(step: .remote, digest: nil, copy: .none)
    }

    /// Evaluated ones by accuracy; behind them the others by what they compute.
    private func score(_ candidate: CandidateDescription) -> Double {
        candidate.accuracy.map { 1e18 * (1 + $0) } ?? Double(candidate.multiplyAdds)
    }

    func device(_ context: RequestContext) -> (device: Device, memory: Double)? {
        let slowest = devices.min { $0.device.peakGflops < $1.device.peakGflops }
        let named = devices.first { $0.name == context.device.deviceClass }
        let labelled = devices.filter { $0.runtime == context.device.runtime }
            .min { $0.device.peakGflops < $1.device.peakGflops }
        guard var device = (named ?? labelled ?? slowest)?.device else { return nil }
        if let gflops = context.device.peakGflops,
            let bandwidth = context.device.memoryBandwidthGBps
        {
            func step(_ value: Double) -> Double { pow(1.05, (log(value) / log(1.05)).rounded()) }
            device.peakGflops = step(gflops)
            device.memoryBandwidthGBps = step(bandwidth)
            device.layerOverheadUs = step(device.layerOverheadUs)
        }
        return (device, device.memoryMiB.map { $0 * 1_048_576 } ?? .infinity)
    }

    private func row(_ candidate: CandidateDescription, _ context: RequestContext) -> Row {
        func isIn(_ digests: [String]) -> Bool {
            digests.contains(candidate.digest) || digests.contains(candidate.fileDigest)
        }
        let copy: ClientCopy =
            isIn(context.loaded) ? .loaded : isIn(context.cached) ? .cached : .none
        let (device, ownMemory) = device(context) ?? (Sample.phone, .infinity)
        let memory = min(ownMemory, context.device.memoryMiB.map { $0 * 1_048_576 } ?? .infinity)
        let isUsable = candidate.trust == .accepted && Double(candidate.peakMemoryBytes) <= memory
        let meetsFloor = context.accuracyFloor.map { candidate.accuracy ?? -1 >= $0 } ?? true
        let network = context.network.flatMap { network -> Network? in
            guard let bandwidth = network.bandwidthMbps, let trip = network.roundTripMs else {
                return nil
            }
            return Network(bandwidthMbps: bandwidth.value, roundTripMs: trip.value)
        }
        let model = CostModel(device: device, network: network)
        let inference = candidate.workload.flatMap { model.inferenceMs(of: $0) } ?? .infinity
        let inferenceUpper = inference * (1 + options.deviations * options.inferenceShare)
        let time: (mean: Double, upper: Double)? =
            switch copy {
            case .loaded: (0, 0)
            case .cached: decoding(candidate, model)
            case .none: load(candidate, model, context)
            }
        let (load, loadUpper) = (time?.mean, time?.upper)
        let fits =
            isUsable && meetsFloor
            && inferenceUpper <= context.inferenceDeadlineMs ?? .infinity
            && (context.loadDeadlineMs == nil
                || loadUpper ?? .infinity <= context.loadDeadlineMs ?? .infinity)
        return Row(
            candidate: candidate, copy: copy, mayServe: isUsable && meetsFloor,
            isUsable: isUsable, fits: fits, cost: (load ?? .infinity) + inference)
    }

    private func decoding(
        _ candidate: CandidateDescription, _ model: CostModel
    ) -> (mean: Double, upper: Double) {
        let rate = model.device?.decodeMiBPerSecond ?? 100
        let mean = Double(candidate.decodedBytes) / 1_048_576 / rate * 1000
        return (mean, mean * (1 + options.deviations * options.loadShare))
    }

    private func load(
        _ candidate: CandidateDescription, _ model: CostModel, _ context: RequestContext
    ) -> (mean: Double, upper: Double)? {
        guard let network = model.network,
            let mean = model.loadMs(
                fileBytes: candidate.fileBytes, decodedBytes: candidate.decodedBytes)
        else { return nil }
        // By how much the load changes with each number, found by changing it.
        func slower(_ bandwidth: Double, _ trip: Double) -> Double {
            let other = CostModel(
                device: model.device,
                network: Network(bandwidthMbps: bandwidth, roundTripMs: trip))
            return
                (other.loadMs(
                    fileBytes: candidate.fileBytes, decodedBytes: candidate.decodedBytes) ?? mean)
                - mean
        }
        let (bandwidth, trip) = (network.bandwidthMbps, network.roundTripMs)
        let byBandwidth =
            slower(bandwidth * (1 - 1e-6), trip) * 1e6
            * (context.network?.bandwidthMbps?.deviation ?? 0) / bandwidth
        let byTrip =
            slower(bandwidth, trip * (1 + 1e-6)) * 1e6
            * (context.network?.roundTripMs?.deviation ?? 0) / trip
        let share = mean * options.loadShare
        let deviation = (share * share + byBandwidth * byBandwidth + byTrip * byTrip).squareRoot()
        return (mean, mean + options.deviations * deviation)
    }
}
