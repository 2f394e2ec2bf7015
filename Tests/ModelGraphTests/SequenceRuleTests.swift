import ModelGraph
import OrderedJSON
import Testing

/// Channel rules of recurrent and attention layers, and of operations in graphs.
@Suite struct SequenceRuleTests {
    private func map(_ graph: ModelGraph) throws -> ChannelMap {
        graph.channelMap(shapes: try graph.validate())
    }

    @Test func unitsTakeAllTheirGates() throws {
        var builder = GraphBuilder()
        let first = try builder.call("Dense", ["units": 4], [builder.input(5, 7)])
        let lstm = try builder.call("LSTM", ["units": 3, "return_state": true], [first])
        let gru = try builder.call(
            "GRU", ["units": 3, "reset_after": true, "return_sequences": true], [first])
        let state = TensorReference(node: lstm.node, output: 1)
        let sum = try builder.call("Dense", ["units": 2], [lstm])
        let other = try builder.call("Dense", ["units": 2], [state])
        let third = try builder.call("Dense", ["units": 2], [gru])
        let map = try map(builder.finish(sum, other, third))
        let units = map.classes(lstm, axis: 1)
        #expect(Set(units).count == 3 && !units.contains(-1))
        let gates = units + units + units + units
        #expect(map.classes(lstm.node, "kernel", axis: 1) == gates)
        #expect(map.classes(lstm.node, "recurrent_kernel", axis: 1) == gates)
        #expect(map.classes(lstm.node, "recurrent_kernel", axis: 0) == units)
        #expect(map.classes(lstm.node, "bias", axis: 0) == gates)
        #expect(map.classes(lstm.node, "kernel", axis: 0) == map.classes(first, axis: 2))
        #expect(map.classes(state, axis: 1) == units)
        let others = map.classes(gru, axis: 2)
        #expect(map.classes(gru.node, "bias", axis: 1) == others + others + others)
        #expect(map.classes(gru.node, "bias", axis: 0).isEmpty)
    }

    @Test(arguments: ["concat", "sum"])
    func directionsGoTogether(_ mode: String) throws {
        var builder = GraphBuilder()
        let inner: JSON = [
            "class_name": "LSTM", "config": ["units": 3, "return_sequences": true],
        ]
        let both = try builder.call(
            "Bidirectional", ["layer": inner, "merge_mode": .string(mode)], [builder.input(5, 7)])
        let last = try builder.call("Dense", ["units": 2], [both])
        let graph = builder.finish(last)
        let map = try map(graph)
        let forward = Array(map.classes(1, "forward_layer/kernel", axis: 1).prefix(3))
        #expect(Set(forward).count == 3)
        #expect(Array(map.classes(1, "backward_layer/kernel", axis: 1).prefix(3)) == forward)
        #expect(map.classes(both, axis: 2) == (mode == "concat" ? forward + forward : forward))
        // The settings of both directions are rewritten.
        let weights = graph.layers[1].weights.map { weight in
            var weight = weight
            if weight.role.hasSuffix("recurrent_kernel") { weight.shape = [2, 8] }
            return weight
        }
        let settings: JSON = [
            "layer": inner, "backward_layer": inner, "merge_mode": .string(mode),
        ]
        let resized = graph.layers[1].definition.resized(
            settings, to: ResizedLayer(inputs: [], outputs: [], weights: weights))
        #expect(resized["layer"]?["config"]?["units"] == 2)
        #expect(resized["backward_layer"]?["config"]?["units"] == 2)
    }

    @Test func headsAreChannelsOfTheLayer() throws {
        var builder = GraphBuilder()
        let steps = try builder.call("Dense", ["units": 6], [builder.input(5, 7)])
        let attention = try builder.call(
            "MultiHeadAttention", ["num_heads": 2, "key_dim": 4, "value_dim": 3],
            [steps, steps])
        let last = try builder.call("Dense", ["units": 2], [attention])
        let graph = builder.finish(last)
        let map = try map(graph)
        let node = attention.node
        let heads = map.classes(node, "query/kernel", axis: 1)
        #expect(Set(heads).count == 2 && !heads.contains(-1))
        for role in ["key/kernel", "value/kernel"] {
            #expect(map.classes(node, role, axis: 1) == heads)
        }
        #expect(map.classes(node, "attention_output/kernel", axis: 0) == heads)
        let inner = map.classes(node, "value/kernel", axis: 2)
        #expect(Set(inner).count == 3)
        #expect(map.classes(node, "attention_output/kernel", axis: 1) == inner)
        #expect(map.classes(node, "query/kernel", axis: 2).isEmpty)
        for role in ["query/kernel", "key/kernel", "value/kernel"] {
            #expect(map.classes(node, role, axis: 0) == map.classes(steps, axis: 2))
        }
        #expect(map.classes(attention, axis: 2) == map.classes(last.node, "kernel", axis: 0))
        // The output's width is written down when it is no longer the query's.
        var weights = graph.layers[node].weights
        for index in weights.indices where weights[index].role == "attention_output/kernel" {
            weights[index].shape = [2, 3, 5]
        }
        let resized = graph.layers[node].definition.resized(
            ["num_heads": 2, "output_shape": nil],
            to: ResizedLayer(inputs: [], outputs: [], weights: weights))
        #expect(resized["output_shape"] == [5])
    }

    @Test func attentionPassesTheValue() throws {
        var builder = GraphBuilder()
        let steps = builder.input(5, 7)
        let query = try builder.call("Dense", ["units": 4], [steps])
        let key = try builder.call("Dense", ["units": 4], [steps])
        let value = try builder.call("Dense", ["units": 3], [steps])
        let attention = try builder.call("Attention", [:], [query, value, key])
        let last = try builder.call("Dense", ["units": 2], [attention])
        let map = try map(builder.finish(last))
        #expect(map.reason(query, axis: 2) == .mixedChannels)
        #expect(map.reason(key, axis: 2) == .mixedChannels)
        #expect(map.classes(attention, axis: 2) == map.classes(value, axis: 2))
        #expect(!map.classes(value, axis: 2).contains(-1))
    }

    @Test func stepsShareTheirLayer() throws {
        var builder = GraphBuilder()
        let image = builder.input(5, 8, 8, 3)
        let inner: JSON = [
            "class_name": "Conv2D", "config": ["filters": 4, "kernel_size": 3],
        ]
        let steps = try builder.call("TimeDistributed", ["layer": inner], [image])
        let pooled = try builder.call(
            "TimeDistributed", ["layer": ["class_name": "GlobalMaxPooling2D", "config": [:]]],
            [steps])
        let lstm = try builder.call("LSTM", ["units": 3], [pooled])
        let map = try map(builder.finish(lstm))
        #expect(map.classes(steps, axis: 4) == map.classes(1, "kernel", axis: 3))
        #expect(map.classes(pooled, axis: 2) == map.classes(steps, axis: 4))
        #expect(map.classes(lstm.node, "kernel", axis: 0) == map.classes(steps, axis: 4))
        #expect(!map.classes(steps, axis: 4).contains(-1))
    }

    @Test func einsumMakesTwoKindsOfChannels() throws {
        var builder = GraphBuilder()
        let first = try builder.call("Dense", ["units": 4], [builder.input(5, 7)])
        let heads = try builder.call(
            "EinsumDense",
            ["equation": "abc,cde->abde", "output_shape": [nil, 2, 3], "bias_axes": "de"], [first])
        let back = try builder.call(
            "EinsumDense", ["equation": "abde,dec->abc", "output_shape": [nil, 6]], [heads])
        let map = try map(builder.finish(back))
        #expect(map.classes(2, "kernel", axis: 0) == map.classes(first, axis: 2))
        #expect(map.classes(heads, axis: 2) == map.classes(2, "kernel", axis: 1))
        #expect(map.classes(2, "bias", axis: 1) == map.classes(2, "kernel", axis: 2))
        #expect(map.classes(3, "kernel", axis: 0) == map.classes(heads, axis: 2))
        #expect(map.classes(3, "kernel", axis: 1) == map.classes(heads, axis: 3))
    }

    /// Hard swish as MobileNetV3 writes it: `x * relu6(x + 3) * (1 / 6)`.
    @Test func operationsPassChannels() throws {
        var builder = GraphBuilder()
        let first = try builder.call(
            "Conv2D", ["filters": 4, "kernel_size": 3], [builder.input(8, 8, 3)])
        let shifted = try builder.call(
            "operation:Add", [:], [], arguments: [.tensor(first), .constant(3.0)])
        let bent = try builder.call("ReLU", ["max_value": 6.0], [shifted])
        let scaled = try builder.call(
            "operation:Multiply", [:], [], arguments: [.tensor(bent), .constant(0.1666)])
        let gated = try builder.call("operation:Multiply", [:], [first, scaled])
        let vector: JSON = [
            "class_name": "__numpy__", "config": ["value": [1, 2, 3, 4], "dtype": "float32"],
        ]
        let mean = try builder.call("operation:Mean", ["axis": [1, 2]], [gated])
        let turned = try builder.call("operation:ExpandDims", ["axis": 1], [mean])
        let last = try builder.call("Dense", ["units": 2], [turned])
        let map = try map(builder.finish(last))
        #expect(Set(map.classes(first, axis: 3)).count == 4)
        #expect(!map.classes(first, axis: 3).contains(-1))
        #expect(map.classes(last.node, "kernel", axis: 0) == map.classes(first, axis: 3))
        // Numbers in the graph cannot be cut.
        let weighted = try builder.call(
            "operation:Multiply", [:], [], arguments: [.tensor(first), .constant(vector)])
        let end = try builder.call("Conv2D", ["filters": 2, "kernel_size": 3], [weighted])
        #expect(try self.map(builder.finish(end)).reason(first, axis: 3) == .fixedPartner)
    }

    @Test func slicesOfChannelsStay() throws {
        let whole: JSON = [
            "class_name": "__slice__", "config": ["start": nil, "stop": nil, "step": nil],
        ]
        let part: JSON = [
            "class_name": "__slice__", "config": ["start": 1, "stop": nil, "step": nil],
        ]
        for (slices, isFree) in [([whole, part, whole], true), ([whole, whole, part], false)] {
            var builder = GraphBuilder()
            let first = try builder.call("Dense", ["units": 4], [builder.input(5, 7)])
            let cut = try builder.call(
                "operation:GetItem", [:], [],
                arguments: [.tensor(first), .list(slices.map { .constant($0) })])
            let last = try builder.call("Dense", ["units": 2], [cut])
            let map = try map(builder.finish(last))
            #expect((map.reason(first, axis: 2) == nil) == isFree)
            if isFree { #expect(map.classes(cut, axis: 2) == map.classes(first, axis: 2)) }
        }
    }
}
