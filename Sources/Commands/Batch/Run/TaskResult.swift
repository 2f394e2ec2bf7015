import Contexts

/// What became of one task.
struct TaskResult: Sendable {
    /// The answer.
    enum Outcome: Sendable {
        /// Made and published; `isNew` is false where the store had the same content as an older version.
        case made(PublishedVariant, isNew: Bool)
        /// The store had it.
        case held(PublishedVariant)
        /// Made, or held, and not good enough: nothing was published or tagged.
        case refused([GateFailure], VariantFigures, held: PublishedVariant?)
        /// The budget cannot be met, or the variant does not do what it should.
        case infeasible(reason: String)
        /// Something went wrong.
        case failed(CommandFailure)
        /// Would be made, were this no dry run.
        case planned
    }

    var task: BatchTask
    var outcome: Outcome
    /// The version that the variant was held against; nil for none.
    var champion: PublishedVariant?
    var seconds = 0.0

    /// One word for people and programs.
    var word: String {
        switch outcome {
        case .made(_, isNew: true): "new"
        case .made(_, isNew: false): "same"
        case .held: "held"
        case .refused: "refused"
        case .infeasible: "infeasible"
        case .failed: "failed"
        case .planned: "planned"
        }
    }

    /// The version in the store; nil for none.
    var published: PublishedVariant? {
        switch outcome {
        case .made(let variant, _), .held(let variant): variant
        case .refused(_, _, let held): held
        case .infeasible, .failed, .planned: nil
        }
    }

    /// nil where there is no variant to speak of.
    var figures: VariantFigures? {
        if case .refused(_, let figures, _) = outcome { figures } else { published?.figures }
    }

    /// The gates that the variant does not pass.
    var gates: [GateFailure] {
        if case .refused(let gates, _, _) = outcome { gates } else { [] }
    }

    /// The exit status that the task alone would give.
    var status: ExitStatus {
        switch outcome {
        case .made, .held, .planned: .done
        case .refused, .infeasible: .no
        case .failed(let failure): failure.status
        }
    }

    /// Why the task's answer is no, without its name; nil if it is yes.
    var failure: String? {
        switch outcome {
        case .made, .held, .planned: nil
        case .refused(let gates, _, _): gates.map(\.description).joined(separator: "; ")
        case .infeasible(let reason): reason
        case .failed(let failure): failure.message
        }
    }

    /// One line that stands alone.
    var sentence: String {
        let time = Measure.seconds(seconds)
        if let failure { return "\(task.line): \(word), \(failure) (\(time))" }
        guard let published else { return "\(task.line): \(word)" }
        return "\(published.reference): \(word), "
            + "\(Measure.bytes(published.figures.costs.fileBytes)) (\(time))"
    }
}

extension ExitStatus {
    /// The status of a batch: the worst that happened, so that a retry by a machine is decided by what a
    /// person would look at first.
    static func worst(of statuses: some Sequence<ExitStatus>) -> ExitStatus {
        let order: [ExitStatus] = [
            .interrupted, .internalError, .inputOutput, .cannotCreate, .unavailable, .noInput,
            .badData, .usage, .no,
        ]
        let all = Set(statuses)
        return order.first { all.contains($0) } ?? .done
    }
}
