extension Evaluation {
    /// A candidate's figures, and what speaks against it.
    func assessment(of index: Int, cached: ArraySlice<String>) -> Assessment {
        let isCached = has(index, cached)
        let (inference, load) = (inference(index), load(index, cached: isCached))
        return Assessment(
            candidate: catalogue.candidates[index], inference: inference, load: load,
            isCached: isCached, rejections: rejections(of: index, cached: isCached),
            strain: max(
                Self.strain(inference, of: context.inferenceDeadlineMs),
                Self.strain(load, of: context.loadDeadlineMs)))
    }

    private static func strain(_ time: PredictedTime?, of deadlineMs: Double) -> Double {
        guard deadlineMs < .infinity else { return 0 }
        guard let time else { return .infinity }
        if time.upperMs == 0 { return 0 }
        return deadlineMs > 0 ? time.upperMs / deadlineMs : .infinity
    }

    /// What the cost model alone says about the times in a report.
    func predictions(
        for report: PerformanceReport
    ) -> (place: Int?, ms: [ObservedQuantity: Double]) {
        let places = catalogue.places(of: report.digest).map(Int.init)
        let family = catalogue.family(context.model)
        guard let place = places.first(where: { family?.contains($0) ?? true }) else {
            return (nil, [:])
        }
        var ms: [ObservedQuantity: Double] = [:]
        if table.figures[place].uncorrectedMs.isFinite {
            ms[.inference] = table.figures[place].uncorrectedMs
        }
        let cached = report.context.cached.prefix(context.cachedCount)
        if let load = loadOrNil(place), !has(place, cached) {
            ms[.load] = load.mean / table.figures[place].loadFactor
        }
        return (place, ms)
    }
}

extension Selection {
    /// What was chosen, with its figures; nothing but the server for no choice.
    init(_ evaluation: Evaluation, choice: Evaluation.Choice?, reason: Reason) {
        self.init(
            step: choice?.step ?? .remote, reason: reason, isCached: choice?.isCached ?? false,
            inference: choice.flatMap { evaluation.inference($0.index) },
            load: choice.flatMap { evaluation.load($0.index, cached: $0.isCached) },
            deviceClass: evaluation.table.deviceClass, issues: evaluation.context.issues,
            catalogue: evaluation.catalogue, index: choice?.index)
    }
}
