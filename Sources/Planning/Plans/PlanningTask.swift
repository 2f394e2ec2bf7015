import Contexts
import ModelGraph
import Pruning

/// One profile's problem, and the way back from its solution to a plan.
struct PlanningTask {
    let analysis: ModelAnalysis
    let importance: GroupImportance
    let profile: Profile
    let costModel: CostModel
    /// The model's groups with what the profile protects.
    let groups: [ChannelGroup]
    let baseCosts: Costs
    /// The kernels that weight pruning may touch.
    private let kernels: [WeightKey: Kernel]
    private(set) var problem: WidthProblem

    init(
        _ analysis: ModelAnalysis, _ importance: GroupImportance, _ profile: Profile,
        _ costModel: CostModel, _ file: FileSizeModel, _ corrections: PlanCorrections,
        _ checksAccuracy: Bool
    ) throws(PlanningError) {
        self.analysis = analysis
        self.importance = importance
        self.profile = profile
        self.costModel = costModel
        let graph = analysis.model.graph
        let patterns = profile.pruning.protect.map { LayerPattern($0.text) }
        let isProtected = graph.layers.map { layer in
            patterns.contains { $0.matches(path: layer.path) }
        }
        groups = Self.groups(of: analysis.model, profile.pruning, isProtected)
        baseCosts = costModel.costs(of: analysis.base)
        try Self.check(profile, analysis, costModel, checksAccuracy)

        let samples = analysis.kernels.samples.filter { !isProtected[$0.kernel.layer] }
        kernels = Dictionary(
            samples.map { (WeightKey(layer: $0.kernel.layer, role: $0.kernel.role), $0.kernel) },
            uniquingKeysWith: { first, _ in first })
        problem = analysis.costs.problem(
            groups: Self.widthGroups(groups, profile, importance), costModel: costModel,
            isKernel: { [kernels] in kernels[WeightKey($0)] != nil },
            isSparse: { [kernels] in
                kernels[WeightKey($0)].map { profile.pruning.weightPattern.suits($0) } ?? false
            })
        problem.fileOverheadBytes = Double(file.overheadBytes)
        problem.denseBytesPerByte = file.scattered[0] * corrections.fileScale
        problem.sparsity = Self.sparsity(
            profile, samples,
            file.curve(profile.pruning.weightPattern)
                .scaled(by: corrections.fileScale))
        problem.loadMs = { fileBytes, residentBytes in
            costModel.loadMs(
                fileBytes: Int(fileBytes.rounded(.up)), decodedBytes: Int(residentBytes)) ?? 0
        }
        problem.limits = limits(corrections)
    }

    // MARK: The problem

    /// Refuses lines that nothing here can predict.
    private static func check(
        _ profile: Profile, _ analysis: ModelAnalysis, _ costModel: CostModel,
        _ checksAccuracy: Bool
    ) throws(PlanningError) {
        func failure(_ code: PlanningError.Code, _ line: Budget.Key) -> PlanningError {
            PlanningError(code, profile: profile.name, line: line)
        }
        for line in profile.limits.keys {
            switch line {
            case .maxAccuracyDrop:
                if !checksAccuracy { throw failure(.needsEvaluationData, line) }
            case .inferenceMs, .peakMemoryMiB, .macFraction:
                if line == .inferenceMs, costModel.device == nil {
                    throw failure(.needsContext, line)
                }
                if let layer = analysis.unknownLayers.first {
                    throw failure(.openSizes(layer: layer), line)
                }
            case .loadMs:
                if costModel.network == nil { throw failure(.needsContext, line) }
            case .fileKiB, .parameterFraction, .weightSparsity: break
            }
        }
    }

    /// The groups with the profile's protections and minimum widths.
    private static func groups(
        of model: PrunableModel, _ options: PruningOptions, _ isProtected: [Bool]
    ) -> [ChannelGroup] {
        model.groups.groups.map { group in
            var group = group
            for weight in group.weights
            where weight.use != .consumes && isProtected[weight.axis.layer] {
                let protection = Protection(
                    .requested, layer: model.graph.layers[weight.axis.layer].name)
                for unit in 0..<group.size
                where group.protections[unit] == nil && !weight.indices[unit].isEmpty {
                    group.protections[unit] = protection
                }
            }
            let share = (Double(group.size) * options.minimumFraction).rounded(.up)
            let perUnit = max(group.channelsPerUnit, 1)
            let channels = (options.minimumChannels + perUnit - 1) / perUnit
            group.minimum = max(group.minimum, Int(share), channels)
            return group
        }
    }

    private static func widthGroups(
        _ groups: [ChannelGroup], _ profile: Profile, _ importance: GroupImportance
    ) -> [WidthProblem.Group] {
        let prunes = profile.pruning.granularity.contains(.channel)
        let multiple = profile.device?.channelMultiple ?? 1
        return groups.enumerated().map { index, group in
            let step = multiple / greatestCommonDivisor(multiple, max(group.channelsPerUnit, 1))
            let widths =
                prunes
                ? WidthProblem.widths(full: group.size, minimum: group.fewest, step: step)
                : [group.size]
            return WidthProblem.Group(
                name: group.name, widths: widths,
                kept: importance.kept(index, of: group, widths: widths))
        }
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? max(a, 1) : greatestCommonDivisor(b, a % b)
    }

    /// The shares of zeros to choose from.
    private static func sparsity(
        _ profile: Profile, _ samples: [KernelSamples.Sample], _ curve: CompressionCurve
    ) -> SparsityChoice {
        let options = profile.pruning
        let samples = samples.filter { options.weightPattern.suits($0.kernel) }
        guard options.granularity.contains(.weight), !samples.isEmpty else {
            return .dense(bytesPerByte: curve[0])
        }
        var shares: [Double]
        let spread: KernelSamples.Spread
        switch options.weightPattern {
        case .unstructured:
            shares = (0...98).map { Double($0) / 100 }
            if let target = profile.budget.weightSparsity { shares.append(target) }
            spread = options.weightScope == .global ? .threshold : .even
        case .twoOfFour:
            shares = [0, 0.5]
            spread = .ofFour(2)
        case .oneOfFour:
            shares = [0, 0.75]
            spread = .ofFour(1)
        }
        return SparsityChoice(
            levels: Set(shares).sorted().map { share in
                SparsityChoice.Level(
                    share: share, lost: KernelSamples.noise(samples, share: share, spread),
                    bytesPerByte: curve[share])
            })
    }

    private func limits(_ corrections: PlanCorrections) -> [WidthLine: Double] {
        let budget = profile.limits
        var limits: [WidthLine: Double] = [:]
        for line in WidthLine.allCases {
            guard let limit = budget[line.key] else { continue }
            // Counts have an exact limit; times get a hair less, so that no rounding puts them over.
            let absolute: Double =
                switch line {
                case .inference, .load: limit * (1 - 4 * WidthPressure.tolerance)
                case .zeros: limit
                case .file: (limit * 1024).rounded(.down)
                case .memory: (limit * 1_048_576).rounded(.down)
                case .multiplyAdds: (limit * Double(baseCosts.multiplyAdds)).rounded(.down)
                case .parameters: (limit * Double(baseCosts.parameters)).rounded(.down)
                }
            limits[line] = absolute / (corrections.lines[line] ?? 1)
        }
        return limits
    }

    // MARK: The plan

    func plan(_ solution: WidthSolution) -> Plan {
        let values = solution.values
        let costs = Costs(
            inferenceMs: costModel.device == nil ? nil : values[.inference],
            loadMs: costModel.network == nil ? nil : values[.load],
            fileBytes: Int(values[.file].rounded(.up)), peakMemoryBytes: Int(values[.memory]),
            multiplyAdds: Int(values[.multiplyAdds].rounded()),
            parameters: Int(values[.parameters].rounded()), weightSparsity: values[.zeros])
        let changes = zip(groups, solution.widths).enumerated().map { index, item in
            change(index, item.0, width: item.1)
        }
        return Plan(
            profile: profile.name, pruning: pruning(solution), groups: changes,
            weightSparsity: solution.sparsity,
            importanceKept: GroupImportance.share(ofWorth: solution.importanceKept),
            base: baseCosts, costs: costs,
            lines: profile.limits.check(costs, base: baseCosts))
    }

    private func change(_ index: Int, _ group: ChannelGroup, width: Int) -> GroupChange {
        GroupChange(
            name: group.name, before: group.size, after: width,
            channelsPerUnit: group.channelsPerUnit,
            importanceKept: importance.shares(index, of: group, widths: [width])[0],
            reasons: GroupChange.ProtectedUnits.all(of: group),
            fewest: group.fewest)
    }

    private func pruning(_ solution: WidthSolution) -> PruningPlan {
        let graph = analysis.model.graph
        var plan = PruningPlan(
            model: graph.name, fingerprint: analysis.fingerprint, criterion: importance.criterion)
        for (index, group) in groups.enumerated() {
            let width = solution.widths[index]
            let scores = importance.scores.indices.contains(index) ? importance.scores[index] : []
            let kept =
                width == group.size || scores.count != group.size
                ? Array(0..<width) : group.keeping(width, importance: scores)
            plan.groups.append(GroupPlan(group: group.name, size: group.size, kept: kept))
        }
        if solution.sparsity > 0 { plan.sparsity = sparsity(solution) }
        return plan
    }

    /// How many weights of each kernel become zero.
    private func sparsity(_ solution: WidthSolution) -> WeightSparsity {
        let options = profile.pruning
        let graph = analysis.model.graph
        var plans: [KernelPlan] = []
        var total = 0
        for weight in analysis.costs.weights {
            guard let kernel = kernels[WeightKey(weight)] else { continue }
            let elements = weight.elementCount(widths: solution.widths)
            total += elements
            let sparsity: KernelSparsity
            if let pattern = SparsityPattern(options.weightPattern.rawValue) {
                // A block of what is left must have something to give.
                guard let axis = kernel.inputAxis,
                    weight.axes[axis].value(widths: solution.widths) > pattern.kept
                else { continue }
                sparsity = .pattern(pattern)
            } else {
                sparsity = .zeros(Int((Double(elements) * solution.sparsity).rounded(.up)))
            }
            plans.append(
                KernelPlan(
                    kernel: "\(graph.layers[weight.layer].name)/\(weight.role)",
                    sparsity: sparsity))
        }
        if options.weightScope == .global, options.weightPattern == .unstructured {
            return .global(zeros: Int((Double(total) * solution.sparsity).rounded(.up)))
        }
        return WeightSparsity(scope: .layer, kernels: plans)
    }
}

/// Tells weights apart.
private struct WeightKey: Hashable {
    var layer: Int
    var role: String

    init(layer: Int, role: String) {
        self.layer = layer
        self.role = role
    }

    init(_ weight: WidthCosts.WeightCost) { self.init(layer: weight.layer, role: weight.role) }
}

extension PruningOptions.WeightPattern {
    /// Whether a kernel has an axis for the pattern.
    fileprivate func suits(_ kernel: Kernel) -> Bool {
        guard let pattern = SparsityPattern(rawValue) else { return true }
        return kernel.inputAxis.map { kernel.shape[$0] > pattern.kept } ?? false
    }
}
