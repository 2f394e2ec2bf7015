import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

@Suite struct PlanTests {
    private func model() throws -> PrunableModel {
        var builder = NetworkBuilder()
        let input = try builder.input([5])
        let hidden = try builder.add("Dense", "hidden", ["units": 8], [input])
        let deeper = try builder.add("Dense", "deeper", ["units": 4], [hidden])
        builder.graph.outputs = [try builder.add("Dense", "out", ["units": 2], [deeper])]
        return try PrunableModel(builder.graph, protecting: ["deep*"])
    }

    private func makePlan(_ model: PrunableModel) -> PruningPlan {
        var plan = PruningPlan(keepingAllOf: model, criterion: "l2")
        plan.groups[0].kept = [0, 1, 2, 5, 7]
        plan.sparsity = WeightSparsity(
            scope: .layer,
            kernels: [
                KernelPlan(kernel: "hidden/kernel", sparsity: .zeros(7)),
                KernelPlan(
                    kernel: "deeper/kernel",
                    sparsity: SparsityPattern("2:4").map { .pattern($0) } ?? .zeros(0)),
            ])
        return plan
    }

    @Test func textGoesRoundTrip() throws {
        let model = try model()
        let plan = makePlan(model)
        #expect(try PruningPlan(parsing: plan.text.utf8) == plan)
        let fingerprint = ModelFingerprint(of: model.graph)
        #expect(
            plan.text == """
                {
                  "schema": 1,
                  "model": {
                    "name": "test",
                    "fingerprint": "\(fingerprint)"
                  },
                  "criterion": "l2",
                  "channel-groups": {
                    "hidden": {
                      "size": 8,
                      "kept": 5,
                      "keep": "0-2,5,7"
                    },
                    "deeper": {
                      "size": 4,
                      "kept": 4,
                      "keep": "0-3"
                    },
                    "out": {
                      "size": 2,
                      "kept": 2,
                      "keep": "0-1"
                    }
                  },
                  "weights": {
                    "scope": "layer",
                    "kernels": {
                      "hidden/kernel": {
                        "zeros": 7
                      },
                      "deeper/kernel": {
                        "pattern": "2:4"
                      }
                    }
                  }
                }

                """)
    }

    @Test func fingerprintKnowsNamesAndShapesButNoValues() throws {
        var graph = try model().graph
        let before = ModelFingerprint(of: graph)
        graph.layers[1].weights[1] = graph.layers[1].weights[1].replacing(
            values: Array(repeating: 0, count: 8))
        #expect(ModelFingerprint(of: graph) == before)
        graph.layers[1].path = ["other"]
        #expect(ModelFingerprint(of: graph) != before)
    }

    @Test(arguments: [
        (
            "\"schema\": 1", "\"schema\": 2",
            "plan key 'schema': a plan of schema 2 was made by a later Espalier; this one reads schema 1, so use a newer one"
        ),
        (
            "\"schema\": 1", "\"schema\": 0",
            "plan key 'schema': a plan of schema 0 is not read any more; plan again to make one of schema 1"
        ),
        (
            "\"criterion\"", "\"criterium\"",
            "plan key 'criterium': is not known here; known are schema, model, criterion, channel-groups, weights"
        ),
        (
            "\"0-2,5,7\"", "\"0-2,5,8\"",
            "plan key 'channel-groups.hidden.keep': must be ascending unit ranges below 8, as '0-12,14'"
        ),
        (
            "\"0-2,5,7\"", "\"2,1\"",
            "plan key 'channel-groups.hidden.keep': must be ascending unit ranges below 8, as '0-12,14'"
        ),
        (
            "\"kept\": 5", "\"kept\": 6",
            "plan key 'channel-groups.hidden.kept': says 6, but 'keep' lists 5 units"
        ),
        (
            "\"size\": 8", "\"size\": 99999999999",
            "plan key 'channel-groups.hidden.size': must be a whole number from 1 to 16777216"
        ),
        (
            "\"2:4\"", "\"4:2\"",
            "plan key 'weights.kernels.deeper/kernel.pattern': must be a pattern as '2:4', without 'zeros'"
        ),
        ("\"layer\"", "\"model\"", "plan key 'weights.scope': must be 'global' or 'layer'"),
        (
            "{\n  \"schema\"", "{,\n  \"schema\"",
            "the plan is not JSON: a key must be a string at byte 1"
        ),
    ])
    func badTextsAreRefused(original: String, changed: String, message: String) throws {
        let text = makePlan(try model()).text
        #expect(text.contains(original))
        let broken = text.replacing(original, with: changed, maxReplacements: 1)
        let error = #expect(throws: PruningError.self) { try PruningPlan(parsing: broken.utf8) }
        #expect(error?.description == message)
    }

    @Test func plansThatDoNotFitAreRefused() throws {
        let model = try model()
        func message(_ change: (inout PruningPlan) -> Void) -> String? {
            var plan = makePlan(model)
            change(&plan)
            do throws(PruningError) {
                _ = try model.pruned(by: plan)
                return nil
            } catch { return error.description }
        }
        #expect(
            message { $0.groups[0].group = "hiden" }
                == "channel group 'hiden': the model has no such group")
        #expect(
            message { $0.groups[0].size = 9 }
                == "channel group 'hidden': has 8 units, the plan says 9")
        #expect(
            message { $0.groups[0].kept = [] }
                == "channel group 'hidden': keeps 0 units, at least 1 must stay")
        #expect(
            message { $0.groups[0].kept = [3, 3] }
                == "channel group 'hidden': the kept units must be ascending and less than 8")
        #expect(
            message { $0.groups[1].kept = [0, 1, 2] }
                == "channel group 'deeper': unit 3 must stay because 'deeper' is protected by request"
        )
        #expect(
            message { $0.groups[2].kept = [1] }
                == "channel group 'out': unit 0 must stay because 'out' gives it back as an output of the model"
        )
        #expect(
            message { $0.groups[1] = $0.groups[0] }
                == "channel group 'hidden': stands in the plan twice")
        #expect(
            message { _ in }
                == "weight 'deeper/kernel': the model has no such prunable kernel")
        #expect(
            message {
                $0.sparsity?.kernels = [KernelPlan(kernel: "hidden/kernel", sparsity: .zeros(26))]
            }
                == "weight 'hidden/kernel': cannot hold 26 zeros, has 25 weights")
        var other = model.graph
        other.layers[1].path = ["other"]
        let plan = makePlan(model)
        let error = #expect(throws: PruningError.self) {
            try PrunableModel(other).masked(by: plan)
        }
        #expect(error?.code == .model)
    }

    @Test(arguments: 0..<20) func rangesGoRoundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let units = (0..<40).filter { _ in Bool.random(using: &random) }
        #expect(UnitRanges.units(UnitRanges.text(units), limit: 40) == units)
    }

    @Test(arguments: [
        "-1", "1-", "3-2", "0,0", "1,,2", "a", "+1", " 1", "40", "0-99999999999999999999",
    ])
    func badRangesAreRefused(text: String) {
        #expect(UnitRanges.units(text, limit: 40) == nil)
    }
}
