extension Evaluation {
    /// A candidate's figures, and what speaks against it.
    func assessment(of index: Int, copies: ClientCopies) -> Assessment {
        let copy = copies.copy(of: index, in: catalogue)
        let (inference, load) = (inference(index), load(index, copy: copy))
        return Assessment(
            candidate: catalogue.candidates[index], inference: inference, load: load,
            copy: copy, rejections: rejections(of: index, copy: copy),
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
        // Only downloads tell about downloads.
        let copy = ClientCopies(report.context, context).copy(of: place, in: catalogue)
        if copy == .none, let load = downloadOrNil(place) {
            ms[.load] = load.mean / table.figures[place].loadFactor
        }
        return (place, ms)
    }
}

extension Selection {
    /// What was chosen, with its figures; nothing but the server for no choice.
    init(_ evaluation: Evaluation, choice: Evaluation.Choice?, reason: Reason) {
        self.init(
            step: choice?.step ?? .remote, reason: reason, copy: choice?.copy ?? .none,
            inference: choice.flatMap { evaluation.inference($0.index) },
            load: choice.flatMap { evaluation.load($0.index, copy: $0.copy) },
            deviceClass: evaluation.table.deviceClass, issues: evaluation.context.issues,
            catalogue: evaluation.catalogue, index: choice?.index)
    }
}
