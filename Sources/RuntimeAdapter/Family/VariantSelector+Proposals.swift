import Contexts
import Foundation

extension VariantSelector {
    /// Profiles to prune for next: for contexts that no candidate serves within what they ask for.
    ///
    /// The limits of each such context make a hypothetical variant: the largest network of the family's
    /// ``SizeLadder`` that it takes. Of those, facility location chooses the ones that would serve most, a larger
    /// network counting as a more accurate one.
    /// - Parameters:
    ///   - contexts: what was seen.
    ///   - atMost: how many profiles.
    ///   - least: the least share of requests that a profile is proposed for.
    /// - Complexity: O(contexts · (candidates + sizes that contexts ask for)).
    package func proposals(
        for contexts: [WeightedContext], atMost: Int, least: Double = 0
    ) -> PruningProposals {
        let still = VariantSelector(catalogue, options: options, model: model)
        var requests = 0.0
        var unserved: [String: [WeightedContext]] = [:]
        var obstacles: [PruningProposals.Obstacle: Double] = [:]
        for item in contexts where item.weight > 0 {
            requests += item.weight
            var item = item
            item.context = item.context.ofNewClient
            let selection = still.select(item.context)
            guard selection.step != .fits else { continue }
            guard let family = still.catalogue.family(item.context.model), !family.isEmpty else {
                obstacles[.noSuchModel, default: 0] += item.weight
                continue
            }
            let model = still.catalogue.candidates[family.lowerBound].model
            unserved[model, default: []].append(item)
        }
        let lost =
            unserved.values.joined().reduce(0) { $0 + $1.weight }
            + (obstacles[.noSuchModel] ?? 0)
        let each = requests > 0 ? requests : 1
        var found: [ProfileProposal] = []
        for (model, items) in unserved.sorted(by: { $0.key < $1.key }) {
            guard let finder = ProposalFinder(model, in: still, requests: each) else {
                obstacles[.noWorkload, default: 0] += items.reduce(0) { $0 + $1.weight }
                continue
            }
            found += finder.find(items, atMost: atMost, least: least, obstacles: &obstacles)
        }
        var proposals = Array(
            found.enumerated().sorted {
                ($1.element.share, $0.offset) < ($0.element.share, $1.offset)
            }.map(\.element).prefix(max(0, atMost)))
        Self.number(&proposals, besides: still.catalogue.candidates)
        return PruningProposals(
            proposals: proposals, unserved: lost / each,
            obstacles: obstacles.mapValues { $0 / each })
    }

    /// Gives each profile a name that no line of the catalogue has: its variants would supersede that line's.
    private static func number(
        _ proposals: inout [ProfileProposal], besides candidates: [CandidateDescription]
    ) {
        var taken = Set(
            candidates.map { candidate in
                let line = candidate.reference.split(separator: ":").first ?? ""
                return line.split(separator: "/").last.map(String.init) ?? ""
            })
        var number = 0
        for index in proposals.indices {
            var name = ""
            repeat {
                number += 1
                name = "\(proposals[index].profile.name)-next-\(number)"
            } while taken.contains(name)
            taken.insert(name)
            proposals[index].profile.name = name
        }
    }
}
