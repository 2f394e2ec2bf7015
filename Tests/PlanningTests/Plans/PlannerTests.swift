import Contexts
import ModelGraph
import OrderedJSON
import Planning
import Pruning
import Testing

@Suite struct PlannerTests {
    static let device = Device(
        runtime: "test", peakGflops: 2, memoryBandwidthGBps: 1.5, channelMultiple: 4,
        layerOverheadUs: 20)
    static let network = Network(bandwidthMbps: 10, roundTripMs: 50)

    private func planner(_ graph: ModelGraph) throws -> Planner {
        let model = try PrunableModel(graph)
        var random = SeededGenerator(seed: 7)
        let scores = model.groups.groups.map { group in
            (0..<group.size).map { _ in
                let x = Double.random(in: 0...1, using: &random)
                return 3 * x * x
            }
        }
        return Planner(
            ModelAnalysis(model, fileBytes: 200_000),
            importance: GroupImportance(criterion: "random", scores: scores))
    }

    private func profile(
        _ budget: Budget, _ pruning: PruningOptions = PruningOptions(), multiple: Int = 4
    ) -> Profile {
        var device = Self.device
        device.channelMultiple = multiple
        return Profile(
            name: "test", device: device, network: Self.network, budget: budget, pruning: pruning)
    }

    private func plan(
        _ graph: ModelGraph, _ profile: Profile, checksAccuracy: Bool = false
    ) throws -> PlanningResult {
        try planner(graph).plan(
            profile, costModel: CostModel(device: profile.device, network: profile.network),
            file: FileSizeModel(overheadBytes: 20_000, compression: profile.pruning.compression),
            checksAccuracy: checksAccuracy)
    }

    private func isFitting(_ result: PlanningResult) -> Bool {
        if case .plan(let plan) = result { return plan.fits }
        return false
    }

    @Test func keepsEveryLine() throws {
        let graph = try TestNetwork.residual([16, 32])
        let model = try PrunableModel(graph)
        let base = try plan(graph, profile(Budget(macFraction: 1))).plan.base
        let inference = try #require(base.inferenceMs)
        let budgets = [
            Budget(inferenceMs: inference * 0.7), Budget(loadMs: 250),
            Budget(fileKiB: 60), Budget(peakMemoryMiB: 0.1), Budget(macFraction: 0.5),
            Budget(parameterFraction: 0.4), Budget(weightSparsity: 0.7),
            Budget(
                inferenceMs: inference * 0.8, loadMs: 240, fileKiB: 50, peakMemoryMiB: 0.12,
                macFraction: 0.6, parameterFraction: 0.6, weightSparsity: 0.5),
        ]
        for budget in budgets {
            let result = try plan(graph, profile(budget))
            #expect(isFitting(result), "\(budget.keys)")
            #expect(result.plan.lines.map(\.key) == budget.keys)
            #expect(result.plan.importanceKept < 1)
            try result.plan.pruning.validate(for: model)
        }
    }

    @Test func leavesTheNetworkAloneWhereItFits() throws {
        let plan = try plan(try TestNetwork.plain(), profile(Budget(macFraction: 1))).plan
        #expect(plan.groups.allSatisfy { $0.after == $0.before })
        #expect(plan.importanceKept == 1)
        #expect(plan.pruning.sparsity == nil)
    }

    @Test func takesChannelsInSteps() throws {
        let graph = try TestNetwork.plain([32, 48], dense: 64)
        for multiple in [4, 8, 16] {
            let plan = try plan(
                graph, profile(Budget(inferenceMs: 0.4), multiple: multiple)
            ).plan
            for group in plan.groups where group.after < group.before {
                let isStep = group.after % multiple == 0
                #expect(isStep || group.after < multiple, "\(group.name) \(group.after)")
            }
            #expect(plan.groups.contains { $0.after < $0.before })
        }
    }

    /// With scores that hardly differ, a plain sum of them would empty the dearest group.
    @Test func spreadsCutsOverTheGroups() throws {
        let graph = try TestNetwork.plain([32, 32, 32], dense: 32)
        let model = try PrunableModel(graph)
        let scores = model.groups.groups.map { group in
            (0..<group.size).map { 1 + 0.1 * Double($0 % 3) }
        }
        let planner = Planner(
            ModelAnalysis(model, fileBytes: 1),
            importance: GroupImportance(criterion: "flat", scores: scores))
        let plan = try planner.plan(
            Profile(name: "half", budget: Budget(macFraction: 0.5)),
            costModel: CostModel(device: nil, network: nil),
            file: FileSizeModel(overheadBytes: 0, compression: .deflate)
        ).plan
        #expect(plan.fits)
        for group in plan.groups { #expect(group.after * 2 >= group.before, "\(group.name)") }
    }

    @Test func countsAResidualStreamByItsLayers() throws {
        let graph = try TestNetwork.residual([16, 16])
        let plan = try plan(graph, profile(Budget(macFraction: 0.6), multiple: 1)).plan
        let stem = try #require(plan.groups.first { $0.name == "stem" })
        let inner = plan.groups.filter { $0.name.hasPrefix("Conv2D") }
        let least = inner.map { Double($0.after) / Double($0.before) }.min() ?? 1
        #expect(Double(stem.after) / Double(stem.before) > least)
    }

    @Test func leavesProtectedLayersAlone() throws {
        let graph = try TestNetwork.residual()
        var options = PruningOptions()
        options.protect = [GlobPattern("stem*")]
        let plan = try plan(graph, profile(Budget(macFraction: 0.7), options)).plan
        let stem = try #require(plan.groups.first { $0.name == "stem" })
        #expect(stem.after == stem.before)
        #expect(stem.reasons.first?.reason == "requested")
        #expect(plan.groups.contains { $0.after < $0.before })
    }

    @Test func keepsMinimumWidths() throws {
        let graph = try TestNetwork.residual()
        var options = PruningOptions()
        options.minimumChannels = 6
        options.minimumFraction = 0.5
        let result = try plan(graph, profile(Budget(macFraction: 0.05), options))
        guard case .infeasible(let answer) = result else {
            Issue.record("no network is so small")
            return
        }
        #expect(answer.binding == .macFraction)
        #expect(answer.excess > 0)
        #expect(!answer.nearest.fits)
        for group in answer.nearest.groups where group.reasons.isEmpty {
            #expect(group.after >= max(6, group.before / 2))
        }
    }

    @Test func namesTheLineThatBinds() throws {
        let graph = try TestNetwork.plain()
        // The overhead of the layers alone takes longer, whatever their widths.
        let tooFast = try plan(graph, profile(Budget(inferenceMs: 0.01, macFraction: 0.9)))
        guard case .infeasible(let answer) = tooFast else {
            Issue.record("no network is so fast")
            return
        }
        #expect(answer.binding == .inferenceMs)
        // Round trips alone take longer.
        let tooNear = try plan(graph, profile(Budget(inferenceMs: 100, loadMs: 100)))
        guard case .infeasible(let other) = tooNear else {
            Issue.record("no network loads so soon")
            return
        }
        #expect(other.binding == .loadMs)
        #expect(other.nearest.groups.contains { $0.after < $0.before })
    }

    @Test func prunesWeightsForTheFileAndChannelsForTheTime() throws {
        let graph = try TestNetwork.plain([32, 48], dense: 64)
        let both = try plan(graph, profile(Budget(fileKiB: 120))).plan
        #expect(both.weightSparsity > 0)
        var options = PruningOptions()
        options.granularity = [.channel]
        let channels = try plan(graph, profile(Budget(fileKiB: 120), options)).plan
        #expect(channels.weightSparsity == 0)
        #expect(channels.fits)
        options.granularity = [.weight]
        let weights = try plan(graph, profile(Budget(fileKiB: 120), options)).plan
        #expect(weights.fits)
        #expect(weights.groups.allSatisfy { $0.after == $0.before })
        // With both to choose from it is never worse than with one.
        #expect(both.importanceKept >= channels.importanceKept - 1e-9)
        #expect(both.importanceKept >= weights.importanceKept - 1e-9)
        let fast = try plan(graph, profile(Budget(inferenceMs: 0.4))).plan
        #expect(fast.weightSparsity == 0)
    }

    @Test func reachesTheSparsityAsked() throws {
        let graph = try TestNetwork.plain()
        for pattern in PruningOptions.WeightPattern.allCases {
            var options = PruningOptions()
            options.weightPattern = pattern
            options.weightScope = .layer
            let target = pattern.sparsity ?? 0.735
            let plan = try plan(graph, profile(Budget(weightSparsity: target), options)).plan
            #expect(plan.fits, "\(pattern)")
            #expect(plan.weightSparsity == target)
            #expect(plan.groups.allSatisfy { $0.after == $0.before })
            let kernels = try #require(plan.pruning.sparsity?.kernels)
            #expect(kernels.map(\.kernel).contains("hidden/kernel"))
        }
    }

    @Test func refusesWhatItCannotCheck() throws {
        let graph = try TestNetwork.plain()
        let profile = profile(Budget(maxAccuracyDrop: 0.02))
        let error = #expect(throws: PlanningError.self) { try plan(graph, profile) }
        #expect(error?.code == .needsEvaluationData)
        #expect(error?.line == .maxAccuracyDrop)
        #expect(try plan(graph, profile, checksAccuracy: true).plan.importanceKept == 1)
    }

    @Test func answersForANetworkWithNothingToPrune() throws {
        var net = try TestNetwork(input: [4, 4, 3])
        net.graph.outputs = [try net.add("GlobalAveragePooling2D", [:], [net.input])]
        let result = try plan(net.graph, profile(Budget(fileKiB: 1)))
        guard case .infeasible(let answer) = result else {
            Issue.record("the overhead alone is larger")
            return
        }
        #expect(answer.binding == .fileKiB)
        #expect(isFitting(try plan(net.graph, profile(Budget(fileKiB: 100, macFraction: 1)))))
    }

    @Test func plansSeveralProfilesFromOneAnalysis() throws {
        let planner = try planner(try TestNetwork.residual())
        let costModel = CostModel(device: nil, network: nil)
        let file = FileSizeModel(overheadBytes: 0, compression: .deflate)
        var kept: [Double] = []
        for fraction in [0.8, 0.5, 0.3] {
            let profile = Profile(name: "f", budget: Budget(macFraction: fraction))
            let first = try planner.plan(profile, costModel: costModel, file: file).plan
            let again = try planner.plan(profile, costModel: costModel, file: file).plan
            #expect(first.pruning == again.pruning)
            #expect(first.fits)
            kept.append(first.importanceKept)
        }
        #expect(kept == kept.sorted(by: >))
    }
}
