import Contexts
import Foundation

/// Finds profiles to prune for, in one family.
struct ProposalFinder {
    private let ladder: SizeLadder
    private let devices: DeviceDirectory
    private let requests: Double
    private let model: String
    /// Of the base; nil if nobody evaluated it.
    private let baseAccuracy: Double?
    /// Accuracy lost for each halving of the multiply-adds, by what was evaluated.
    private let slope: Double?

    /// A hypothetical variant: a size and the accuracy that it promises.
    private struct Key: Hashable {
        let size: SizeLadder.Size
        let floor: Double
    }

    private struct Case {
        let item: WeightedContext
        let evaluation: Evaluation
        let key: Key
    }

    /// nil if no candidate of the family has a workload.
    init?(_ model: String, in selector: VariantSelector, requests: Double) {
        let catalogue = selector.catalogue
        guard let family = catalogue.family(model), let ladder = SizeLadder(family, of: selector)
        else { return nil }
        self.ladder = ladder
        self.model = model
        self.requests = requests
        devices = catalogue.devices
        let known = family.filter { catalogue.figures[$0].accuracy >= 0 }
        baseAccuracy = known.first { catalogue.candidates[$0].kind == .base }
            .map { catalogue.figures[$0].accuracy }
        let points = known.map {
            (
                work: log2(Double(max(1, catalogue.candidates[$0].multiplyAdds))),
                accuracy: catalogue.figures[$0].accuracy
            )
        }
        if let most = points.max(by: { $0.work < $1.work }),
            let least = points.min(by: { $0.work < $1.work }), most.work - least.work > 0.1
        {
            slope = max(0, (most.accuracy - least.accuracy) / (most.work - least.work))
        } else {
            slope = nil
        }
    }

    /// The profiles that serve most of these contexts, the most first.
    func find(
        _ items: [WeightedContext], atMost: Int, least: Double,
        obstacles: inout [PruningProposals.Obstacle: Double]
    ) -> [ProfileProposal] {
        var cases: [Case] = []
        for item in items {
            let checked = CheckedContext(item.context)
            let evaluation = ladder.selector.evaluation(of: checked)
            if checked.hasFloor, let baseAccuracy, checked.accuracyFloor > baseAccuracy {
                obstacles[.floor, default: 0] += item.weight
            } else if let size = ladder.largest(in: evaluation) {
                // Nothing has to be pruned: it is the accuracy that is missing, or not known.
                guard size != SizeLadder.Size(width: 0, file: 0) else {
                    obstacles[.floor, default: 0] += item.weight
                    continue
                }
                let floor = checked.hasFloor ? checked.accuracyFloor : 0
                cases.append(
                    Case(item: item, evaluation: evaluation, key: Key(size: size, floor: floor)))
            } else {
                obstacles[.limits, default: 0] += item.weight
            }
        }
        return choose(cases, atMost: atMost, least: least)
    }

    /// More hypothetical variants are not looked at; those that most requests ask for come first.
    private static let mostKeys = 256

    private func choose(_ cases: [Case], atMost: Int, least: Double) -> [ProfileProposal] {
        var demand: [Key: (weight: Double, first: Int)] = [:]
        for (row, found) in cases.enumerated() {
            let known = demand[found.key] ?? (0, row)
            // Of the contexts with these limits the one that is seen most speaks for them.
            let isHeavier = found.item.weight > cases[known.first].item.weight
            demand[found.key] = (known.weight + found.item.weight, isHeavier ? row : known.first)
        }
        let keys = demand.sorted {
            ($1.value.weight, $0.value.first) < ($0.value.weight, $1.value.first)
        }.prefix(Self.mostKeys)
        let wins = keys.map { key, _ in
            cases.map {
                key.floor >= $0.key.floor && ladder.takes(key.size, in: $0.evaluation)
            }
        }
        let problem = FamilyProblem(
            weights: cases.map(\.item.weight),
            options: zip(keys, wins).map { key, wins in
                let value = worth(of: key.key.size)
                return FamilyProblem.Option(
                    values: wins.map { $0 ? value : 0 }, rows: 0..<cases.count, bytes: 0)
            })
        var open = Set(cases.indices)
        var proposals: [ProfileProposal] = []
        for index in problem.solve(within: FamilyBudget(count: atMost)).taken {
            let won = open.filter { wins[index][$0] }
            open.subtract(won)
            let share = won.reduce(0) { $0 + cases[$1].item.weight } / requests
            // What only makes better what another one serves is no reason to prune.
            guard !won.isEmpty, share >= least else { continue }
            let (key, value) = (keys[index].key, keys[index].value)
            if let proposal = proposal(key, for: cases[value.first], share: share) {
                proposals.append(proposal)
            }
        }
        return proposals
    }

    /// Halvings of the work, and of the file beyond that, cost as much accuracy as the trend says.
    private func worth(of size: SizeLadder.Size) -> Double {
        max(0.01, 1 - (slope ?? 0.02) * halvings(of: size))
    }

    private func halvings(of size: SizeLadder.Size) -> Double {
        -log2(max(ladder.workShares[size.width], 1e-9)) + Double(size.file) / 4
    }

    // MARK: Profiles

    private func proposal(_ key: Key, for found: Case, share: Double) -> ProfileProposal? {
        let deviceClass = found.evaluation.table.deviceClass
        guard let device = devices.known(for: deviceClass)?.device else { return nil }
        let context = found.evaluation.context
        var name = "device"
        if case .name(let text) = deviceClass.origin { name = text }
        var profile = Profile(
            name: Self.stem(of: name), device: device,
            network: context.network.map {
                Network(bandwidthMbps: $0.bandwidthMbps, roundTripMs: $0.roundTripMs)
            }, budget: budget(key, for: found))
        // Tables stand beside profiles, and this one is nowhere yet.
        profile.device?.latencyTable = nil
        let memory = min(context.memoryBytes / 1_048_576, device.memoryMiB ?? .infinity)
        profile.device?.memoryMiB = memory.isFinite ? max(0.0625, memory) : nil
        profile.budget.peakMemoryMiB = memory.isFinite ? max(0.0625, memory) : nil
        guard !profile.budget.keys.isEmpty else { return nil }
        let place = ladder.place(key.size)
        let expected = slope.flatMap { slope in
            baseAccuracy.map { max(0, $0 - slope * halvings(of: key.size)) }
        }
        return ProfileProposal(
            profile: profile, model: model, context: found.item.context, share: share,
            floor: key.floor > 0 ? key.floor : nil, origin: ladder.origin,
            workShare: ladder.workShares[key.size.width],
            fileBytes: ladder.selector.catalogue.candidates[place].fileBytes,
            expectedAccuracy: expected)
    }

    /// The context's limits as the planner holds them: by the cost model alone, without what was learned and
    /// without the margin that a selection keeps.
    private func budget(_ key: Key, for found: Case) -> Budget {
        let (evaluation, context) = (found.evaluation, found.evaluation.context)
        var budget = Budget()
        let figures = evaluation.table.figures[ladder.place(key.size)]
        if context.inferenceDeadlineMs.isFinite, figures.inferenceUpperMs > 0 {
            let share = figures.uncorrectedMs / figures.inferenceUpperMs
            budget.inferenceMs = Self.roundedDown(context.inferenceDeadlineMs * share)
        }
        if context.loadDeadlineMs.isFinite, let network = context.network {
            // However a load is made up of line, round trips and decoding, it is off by no larger share.
            let shares = [
                network.bandwidthDeviation / network.bandwidthMbps,
                network.roundTripMs > 0 ? network.roundTripDeviation / network.roundTripMs : 0,
            ]
            let off = shares.reduce(0, max)
            let deviation = (figures.loadVariance + off * off).squareRoot()
            let upper = 1 + ladder.selector.options.deviations * deviation
            budget.loadMs = Self.roundedDown(
                context.loadDeadlineMs / upper / figures.loadFactor)
        }
        if key.floor > 0, let baseAccuracy {
            // A floor is for what nobody rounds; a tenth of a thousandth is less than one sample.
            let drop = ((baseAccuracy - key.floor) * 10_000 + 1e-6).rounded(.down) / 10_000
            budget.maxAccuracyDrop = max(0, drop)
        }
        return budget
    }

    /// Three digits, so that a limit is kept.
    private static func roundedDown(_ value: Double) -> Double {
        guard value > 0.001, value < 3_600_000 else { return min(max(value, 0.001), 3_600_000) }
        let scale = pow(10, 2 - log10(value).rounded(.down))
        return max(0.001, (value * scale + 1e-9).rounded(.down) / scale)
    }

    /// The class's name as far as profiles may be called so, with room for a number.
    private static func stem(of label: String) -> String {
        let letters = label.lowercased().map {
            $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-"
        }
        let words = String(letters).split(separator: "-").joined(separator: "-").prefix(48)
        let stem = words.last == "-" ? words.dropLast() : words
        return stem.isEmpty ? "device" : String(stem)
    }
}
