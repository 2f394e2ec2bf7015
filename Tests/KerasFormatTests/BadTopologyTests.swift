import ModelGraph
import OrderedJSON
import Testing

@testable import KerasFormat

@Suite struct BadTopologyTests {
    /// What reading such a document says.
    static func sentence(_ text: String, largestNodeCount: Int = 1000) -> String {
        do throws(KerasError) {
            let topology = try Topology(text: text.utf8, file: "model.json")
            let model = try TopologyParser(file: "model.json").model(topology.document)
            var assembler = TopologyAssembler(
                file: "model.json", generation: .three, largestNodeCount: largestNodeCount)
            _ = try assembler.assemble(model)
            return "read"
        } catch { return error.description }
    }

    static func layer(_ name: String, reads: [(String, Int)] = []) -> String {
        let nodes =
            reads.isEmpty
            ? "" : "[" + reads.map { "[\"\($0)\", \($1), 0, {}]" }.joined(separator: ", ") + "]"
        let settings =
            reads.isEmpty
            ? "\"batch_shape\": [null, 4], \"dtype\": \"float32\""
            : "\"trainable\": true, \"dtype\": \"float32\", \"activation\": \"relu\""
        return """
            {"class_name": "\(reads.isEmpty ? "InputLayer" : "Activation")", "name": "\(name)",
             "config": {"name": "\(name)", \(settings)}, "inbound_nodes": [\(nodes)]}
            """
    }

    static func model(_ layers: [String], output: String, call: Int = 0) -> String {
        """
        {"class_name": "Functional", "config": {"name": "m", "layers": [\(layers.joined(separator: ", "))],
         "input_layers": [["in", 0, 0]], "output_layers": [["\(output)", \(call), 0]]}}
        """
    }

    @Test func whatIsNoModel() {
        #expect(Self.sentence("{]") == "model.json: a key must be a string at byte 1")
        #expect(
            Self.sentence("{\"a\": 1}")
                == "model.json: this is not a model: it has no 'class_name' and 'config'")
        #expect(
            Self.sentence(#"{"class_name": "Mine", "config": {}}"#)
                == "model.json: the class 'Mine' is no Sequential or functional model; subclassed "
                + "models hold no topology")
        #expect(
            Self.sentence(#"{"class_name": "Sequential", "config": []}"#)
                == "model.json: the Sequential model has no layers")
        #expect(
            Self.sentence(#"{"class_name": "Sequential", "config": [{"class_name": "Dense"}]}"#)
                == "model.json: the 1. layer has no 'class_name' and 'config'")
    }

    @Test func whatIsConnectedWrongly() {
        let input = Self.layer("in")
        #expect(
            Self.sentence(Self.model([input, Self.layer("a", reads: [("in", 0)])], output: "a"))
                == "read")
        #expect(
            Self.sentence(
                Self.model(
                    [
                        input, Self.layer("a", reads: [("b", 0)]),
                        Self.layer("b", reads: [("a", 0)]),
                    ],
                    output: "b"))
                == "model.json, layer 'b': its input depends on its own output")
        #expect(
            Self.sentence(Self.model([input, Self.layer("a", reads: [("x", 0)])], output: "a"))
                == "model.json, layer 'a': reads from layer 'x', which is missing")
        #expect(
            Self.sentence(Self.model([input, input], output: "in"))
                == "model.json, layer 'in': two layers have this name")
        #expect(
            Self.sentence(Self.model([input, Self.layer("a", reads: [("in", 7)])], output: "a"))
                == "model.json, layer 'a': reads call 7 of layer 'in', which has 0")
        #expect(
            Self.sentence(Self.model([input], output: "gone"))
                == "model.json: 'output_layers' does not name tensors of the model")
        #expect(
            Self.sentence(
                Self.model([input, Self.layer("a", reads: [("in", 0)])], output: "a", call: 3))
                == "model.json: there is no output 0 of call 3 of layer 'a'")
    }

    /// Twenty models, each of which calls the next one twice, are a million calls.
    @Test func aFewModelsThatMakeAMillionCalls() {
        var inner = Self.model(
            [Self.layer("in"), Self.layer("a", reads: [("in", 0)])], output: "a")
        for _ in 0..<20 {
            let nested =
                String(inner.dropLast()) + """
                    , "name": "n", "inbound_nodes": [[["in", 0, 0, {}]], [["n", 1, 0, {}]]]}
                    """
            inner = Self.model([Self.layer("in"), nested], output: "n", call: 2)
        }
        let sentence = Self.sentence(inner)
        #expect(sentence.hasSuffix(": the model has more than 1000 calls"))
    }

    @Test func nestingWithoutEnd() {
        let depth = 200
        let text = String(repeating: #"{"class_name": "Sequential", "config": ["#, count: depth)
        #expect(
            Self.sentence(text) == "model.json: the text ends where a value should be at byte 8000")
        let deeper = String(repeating: "[", count: 100_000)
        #expect(Self.sentence(deeper) == "model.json: nested deeper than 512 levels at byte 512")
    }
}
