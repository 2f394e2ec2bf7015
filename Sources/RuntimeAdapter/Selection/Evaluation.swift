/// A context against a catalogue: what each candidate costs there, and whether it fits.
///
/// Everything here works on plain arrays and allocates nothing, but for ``rejections(of:copy:)``.
struct Evaluation {
    let catalogue: VariantCatalogue
    let table: PredictionTable
    let context: CheckedContext
    private let download: DownloadTime?
    private let memoryLimit: Double
    private let squaredDeviations: Double

    init(
        _ context: CheckedContext, catalogue: VariantCatalogue, table: PredictionTable,
        options: SelectionOptions
    ) {
        self.context = context
        self.catalogue = catalogue
        self.table = table
        download = context.network.map(DownloadTime.init)
        memoryLimit = min(context.memoryBytes, table.memoryBytes)
        squaredDeviations = options.deviations * options.deviations
    }

    // MARK: Rules

    /// What holds whatever the time: signature, memory, accuracy.
    @inline(__always)
    func mayServe(_ index: Int) -> Bool {
        isUsable(index)
            && (!context.hasFloor || catalogue.figures[index].accuracy >= context.accuracyFloor)
    }

    /// What nothing excuses: signature and memory.
    @inline(__always)
    func isUsable(_ index: Int) -> Bool {
        catalogue.figures[index].isTrusted && catalogue.figures[index].memoryBytes <= memoryLimit
    }

    @inline(__always)
    func fits(_ index: Int, copy: ClientCopy) -> Bool {
        mayServe(index) && infersInTime(index) && isInTime(loadOrNil(index, copy: copy))
    }

    @inline(__always)
    func infersInTime(_ index: Int) -> Bool {
        table.figures[index].inferenceUpperMs <= context.inferenceDeadlineMs
    }

    /// Whether a load keeps the deadline: mean + k·σ ≤ deadline, without the root.
    @inline(__always)
    func isInTime(_ load: (mean: Double, variance: Double)?) -> Bool {
        guard let load else { return context.loadDeadlineMs == .infinity }
        let slack = context.loadDeadlineMs - load.mean
        return slack >= 0 && squaredDeviations * load.variance <= slack * slack
    }

    /// Milliseconds and their variance with what the client has; nil if it has nothing and there is no network.
    @inline(__always)
    func loadOrNil(_ index: Int, copy: ClientCopy) -> (mean: Double, variance: Double)? {
        switch copy {
        case .none: return downloadOrNil(index)
        case .cached:
            let mean = table.figures[index].loadFactor * table.figures[index].decodingMs
            return (mean, mean * mean * table.figures[index].loadVariance)
        case .loaded: return (0, 0)
        }
    }

    /// Milliseconds of download and decoding, and their variance; nil without a network.
    @inline(__always)
    func downloadOrNil(_ index: Int) -> (mean: Double, variance: Double)? {
        guard let download else { return nil }
        let (ms, variance) = download.predict(
            bytes: catalogue.figures[index].fileBytes,
            rounds: catalogue.figures[index].slowStartRounds,
            early: catalogue.figures[index].slowStartBytes)
        let factor = table.figures[index].loadFactor
        let mean = factor * (ms + table.figures[index].decodingMs)
        return (mean, mean * mean * table.figures[index].loadVariance + factor * factor * variance)
    }

    /// Expected milliseconds until the first answer; infinite where a part of it is not known.
    func cost(_ index: Int, copy: ClientCopy) -> Double {
        (loadOrNil(index, copy: copy)?.mean ?? .infinity) + table.figures[index].inferenceMs
    }

    // MARK: Figures

    func inference(_ index: Int) -> PredictedTime? {
        guard table.figures[index].inferenceMs.isFinite else { return nil }
        return PredictedTime(
            meanMs: table.figures[index].inferenceMs, upperMs: table.figures[index].inferenceUpperMs
        )
    }

    func load(_ index: Int, copy: ClientCopy) -> PredictedTime? {
        guard let (mean, variance) = loadOrNil(index, copy: copy) else { return nil }
        return PredictedTime(
            meanMs: mean, upperMs: mean + (squaredDeviations * variance).squareRoot())
    }

    /// What a candidate breaks, the rules in the order of the documentation from `rule` on.
    private func rejection(_ rule: Int, of index: Int, copy: ClientCopy) -> Rejection? {
        switch rule {
        case 0: return catalogue.figures[index].isTrusted ? nil : .untrusted
        case 1:
            let needed = catalogue.figures[index].memoryBytes
            return needed <= memoryLimit ? nil : .memory(needed: needed, limit: memoryLimit)
        case 2:
            let accuracy = catalogue.figures[index].accuracy
            guard context.hasFloor, accuracy < context.accuracyFloor else { return nil }
            return accuracy < 0
                ? .accuracyUnknown(floor: context.accuracyFloor)
                : .accuracy(accuracy, floor: context.accuracyFloor)
        case 3:
            let (upper, deadline) = (
                table.figures[index].inferenceUpperMs, context.inferenceDeadlineMs
            )
            guard upper > deadline else { return nil }
            return upper.isFinite
                ? .inference(upperMs: upper, deadlineMs: deadline)
                : .inferenceUnknown(deadlineMs: deadline)
        default:
            guard !isInTime(loadOrNil(index, copy: copy)) else { return nil }
            guard let load = load(index, copy: copy) else {
                return .loadUnknown(deadlineMs: context.loadDeadlineMs)
            }
            return .load(upperMs: load.upperMs, deadlineMs: context.loadDeadlineMs)
        }
    }

    /// The first rule that a candidate breaks; nil if it fits.
    func firstRejection(of index: Int, copy: ClientCopy) -> Rejection? {
        for rule in 0..<5 {
            if let rejection = rejection(rule, of: index, copy: copy) { return rejection }
        }
        return nil
    }

    /// Every rule that a candidate breaks.
    func rejections(of index: Int, copy: ClientCopy) -> [Rejection] {
        (0..<5).compactMap { rejection($0, of: index, copy: copy) }
    }
}
