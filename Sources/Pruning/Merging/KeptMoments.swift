import ModelGraph
import Synchronization

/// What a pass over a model found, kept for all its plans: made when first asked for, and who asks meanwhile waits.
///
/// It takes about as many bytes as the model's weights, and the covariances of what its layers read.
package final class KeptMoments: Sendable {
    private let found = Mutex<[MomentPass.Finding]?>(nil)

    package init() {}

    /// Hands out what ``MomentPass/run(through:found:)`` would find.
    func replay(
        _ model: PrunableModel, through last: Int, each: (MomentPass.Finding) -> Void
    ) {
        let findings = found.withLock { found in
            if let found { return found }
            var all: [MomentPass.Finding] = []
            MomentPass(model).run(through: model.graph.nodes.count - 1) { finding in
                all.append(finding.withoutKernel)
            }
            found = all
            return all
        }
        for finding in findings where finding.node <= last {
            each(finding.withKernel(of: model))
        }
    }
}

extension MomentPass.Finding {
    fileprivate var node: Int {
        switch self {
        case .anchor(let tensor, _, _): tensor.node
        case .kernel(let node, _, _): node
        }
    }

    /// Without what the model has itself.
    fileprivate var withoutKernel: MomentPass.Finding {
        guard case .kernel(let node, var sums, let applied) = self else { return self }
        sums.kernel = []
        return .kernel(node: node, sums, applied: applied)
    }

    fileprivate func withKernel(of model: PrunableModel) -> MomentPass.Finding {
        guard case .kernel(let node, var sums, let applied) = self else { return self }
        let layer = model.graph.layers[model.graph.nodes[node].layer]
        sums.kernel = layer.weight("kernel")?.floats() ?? []
        return .kernel(node: node, sums, applied: applied)
    }
}
