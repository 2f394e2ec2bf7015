import ModelGraph
import OrderedJSON
import Testing

/// Which channels belong together, for the cases where it is not plain.
///
/// Expected classes are worked
/// out by hand from what the layers compute.
@Suite struct ChannelRuleTests {
    private func conv(_ filters: Int, _ extra: [(String, JSON)] = []) -> JSON {
        var settings: JSON = [
            "filters": .integer(filters), "kernel_size": [3, 3], "padding": "same",
        ]
        for (key, value) in extra { settings[key] = value }
        return settings
    }

    private func map(_ graph: ModelGraph) throws -> ChannelMap {
        graph.channelMap(shapes: try graph.validate())
    }

    @Test func residualSumJoinsItsOperands() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let first = try builder.call("Conv2D", conv(4), [image])
        let second = try builder.call("Conv2D", conv(4), [first])
        let sum = try builder.call("Add", [:], [first, second])
        let last = try builder.call("Conv2D", conv(2), [sum])
        let map = try map(builder.finish(last))
        #expect(map.classes(first, axis: 3) == map.classes(second, axis: 3))
        #expect(Set(map.classes(first, axis: 3)).count == 4)
        #expect(map.classes(4, "kernel", axis: 2) == map.classes(first, axis: 3))
        #expect(map.reason(last, axis: 3) == .modelOutput)
    }

    /// Squeeze and excitation: the gate has one value a channel, and goes with it.
    @Test func gateJoinsTheChannelsThatItOpens() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let body = try builder.call("Conv2D", conv(6), [image])
        let pool = try builder.call("GlobalAveragePooling2D", [:], [body])
        let shaped = try builder.call("Reshape", ["target_shape": [1, 1, 6]], [pool])
        let squeeze = try builder.call("Conv2D", conv(2), [shaped])
        let excite = try builder.call("Conv2D", conv(6), [squeeze])
        let gated = try builder.call("Multiply", [:], [body, excite])
        let last = try builder.call("Conv2D", conv(2), [gated])
        let map = try map(builder.finish(last))
        #expect(map.classes(body, axis: 3) == map.classes(excite, axis: 3))
        #expect(Set(map.classes(body, axis: 3) + map.classes(squeeze, axis: 3)).count == 8)
        #expect(!map.classes(gated, axis: 3).contains(-1))
    }

    /// A map of one channel that is spread over many cannot go; the many can.
    @Test func spreadChannelStays() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let body = try builder.call("Conv2D", conv(6), [image])
        let mask = try builder.call("Conv2D", conv(1), [body])
        let masked = try builder.call("Multiply", [:], [body, mask])
        let last = try builder.call("Conv2D", conv(2), [masked])
        let map = try map(builder.finish(last))
        #expect(map.reason(mask, axis: 3) == .fixedPartner)
        #expect(Set(map.classes(masked, axis: 3)).count == 6)
        #expect(!map.classes(masked, axis: 3).contains(-1))
    }

    @Test func imageInASumProtects() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let body = try builder.call("Conv2D", conv(3), [image])
        let sum = try builder.call("Add", [:], [body, image])
        let last = try builder.call("Conv2D", conv(2), [sum])
        let map = try map(builder.finish(last))
        #expect(map.reason(body, axis: 3) == .fixedPartner)
    }

    @Test func concatenationsOfConcatenations() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let a = try builder.call("Conv2D", conv(2), [image])
        let b = try builder.call("Conv2D", conv(3), [a])
        let ab = try builder.call("Concatenate", [:], [a, b])
        let c = try builder.call("Conv2D", conv(2), [ab])
        let all = try builder.call("Concatenate", ["axis": 3], [image, ab, c])
        let norm = try builder.call("BatchNormalization", ["axis": [3]], [all])
        let last = try builder.call("Conv2D", conv(2), [norm])
        let map = try map(builder.finish(last))
        let expected =
            [-1, -1, -1] + map.classes(a, axis: 3) + map.classes(b, axis: 3)
            + map.classes(c, axis: 3)
        #expect(map.classes(all, axis: 3) == expected)
        let normed = norm.node
        #expect(map.classes(normed, "gamma", axis: 0) == expected)
        #expect(map.classes(last.node, "kernel", axis: 2) == expected)
        #expect(Set(expected).count == 8)
    }

    @Test func depthwiseMultipliesItsChannels() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let first = try builder.call("Conv2D", conv(3), [image])
        let deep = try builder.call(
            "DepthwiseConv2D", ["kernel_size": 3, "depth_multiplier": 2], [first])
        let last = try builder.call("Conv2D", conv(2), [deep])
        let map = try map(builder.finish(last))
        let labels = map.classes(first, axis: 3)
        #expect(map.classes(deep, axis: 3) == labels.flatMap { [$0, $0] })
        #expect(map.classes(2, "depthwise_kernel", axis: 2) == labels)
        #expect(
            map.weights[WeightAxis(layer: 2, role: "depthwise_kernel", axis: 2)]?.use == .produces)
        #expect(map.classes(2, "bias", axis: 0) == labels.flatMap { [$0, $0] })
    }

    @Test func depthwiseOfAnImageIsFixed() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let deep = try builder.call("DepthwiseConv2D", ["kernel_size": 3], [image])
        let last = try builder.call("Conv2D", conv(2), [deep])
        let map = try map(builder.finish(last))
        #expect(map.classes(deep, axis: 3) == [-1, -1, -1])
    }

    @Test func separableKernelsShareTheInnerChannels() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let first = try builder.call("Conv2D", conv(3), [image])
        let separable = try builder.call(
            "SeparableConv2D", conv(5, [("depth_multiplier", 2)]), [first])
        let last = try builder.call("Conv2D", conv(2), [separable])
        let map = try map(builder.finish(last))
        let labels = map.classes(first, axis: 3)
        #expect(map.classes(2, "depthwise_kernel", axis: 2) == labels)
        #expect(map.classes(2, "pointwise_kernel", axis: 2) == labels.flatMap { [$0, $0] })
        #expect(map.classes(2, "pointwise_kernel", axis: 3) == map.classes(separable, axis: 3))
    }

    @Test func groupsGoAsAWhole() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let first = try builder.call("Conv2D", conv(4), [image])
        let grouped = try builder.call("Conv2D", conv(6, [("groups", 2)]), [first])
        let last = try builder.call("Conv2D", conv(2), [grouped])
        let map = try map(builder.finish(last))
        let inputs = map.classes(first, axis: 3)
        #expect(inputs[0] == inputs[1] && inputs[2] == inputs[3] && inputs[0] != inputs[2])
        let outputs = map.classes(grouped, axis: 3)
        #expect(outputs == [0, 0, 0, 2, 2, 2].map { inputs[$0] })
    }

    @Test func normalisationGroupsGoAsAWhole() throws {
        var builder = GraphBuilder()
        let image = builder.input(8, 8, 3)
        let first = try builder.call("Conv2D", conv(6), [image])
        let norm = try builder.call("GroupNormalization", ["groups": 3], [first])
        let last = try builder.call("Conv2D", conv(2), [norm])
        let graph = builder.finish(last)
        let map = try map(graph)
        let classes = map.classes(first, axis: 3)
        #expect(Set(classes).count == 3)
        #expect(classes[0] == classes[1] && classes[2] == classes[3] && classes[4] == classes[5])
        let resized = graph.layers[2].definition.resized(
            ["groups": 3],
            to: ResizedLayer(
                inputs: [[nil, 8, 8, 4]], outputs: [[nil, 8, 8, 4]], weights: [],
                originalInputs: [[nil, 8, 8, 6]]))
        #expect(resized == ["groups": 2])
        // One group over all channels mixes them.
        builder = GraphBuilder()
        let again = try builder.call("Conv2D", conv(6), [builder.input(8, 8, 3)])
        let one = try builder.call("GroupNormalization", ["groups": 1], [again])
        let end = try builder.call("Conv2D", conv(2), [one])
        #expect(try self.map(builder.finish(end)).reason(again, axis: 3) == .mixedChannels)
    }

    @Test(arguments: [false, true])
    func flattenRepeatsChannels(_ isFirst: Bool) throws {
        var builder = GraphBuilder()
        let format: JSON = isFirst ? "channels_first" : "channels_last"
        let image = isFirst ? builder.input(3, 2, 2) : builder.input(2, 2, 3)
        let first = try builder.call("Conv2D", conv(3, [("data_format", format)]), [image])
        let flat = try builder.call("Flatten", ["data_format": format], [first])
        let plain = try builder.call("Flatten", [:], [first])
        let dense = try builder.call("Dense", ["units": 2], [flat])
        let other = try builder.call("Dense", ["units": 2], [plain])
        let map = try map(builder.finish(dense, other))
        let labels = map.classes(first, axis: isFirst ? 1 : 3)
        #expect(labels.count == 3 && !labels.contains(-1))
        // Keras's Flatten moves channels behind the image before it flattens.
        let repeated = (0..<4).flatMap { _ in labels }
        #expect(map.classes(dense.node, "kernel", axis: 0) == repeated)
        let spread = isFirst ? labels.flatMap { Array(repeating: $0, count: 4) } : repeated
        #expect(map.classes(other.node, "kernel", axis: 0) == spread)
    }

    @Test func callsOfASharedLayerMeet() throws {
        var builder = GraphBuilder()
        let (left, right) = (builder.input(8), builder.input(8))
        let a = try builder.call("Dense", ["units": 4], [left])
        let b = try builder.call("Dense", ["units": 4], [right])
        let shared = try builder.call("Dense", ["units": 3], [a])
        let again = builder.again(shared, [b])
        let both = try builder.call("Concatenate", [:], [shared, again])
        let last = try builder.call("Dense", ["units": 2], [both])
        let map = try map(builder.finish(last))
        #expect(map.classes(a, axis: 1) == map.classes(b, axis: 1))
        #expect(map.classes(shared, axis: 1) == map.classes(again, axis: 1))
        let expected = map.classes(shared, axis: 1) + map.classes(shared, axis: 1)
        #expect(map.classes(last.node - 1, "kernel", axis: 0) == expected)
    }

    @Test func permuteMovesChannels() throws {
        var builder = GraphBuilder()
        let steps = builder.input(5, 7)
        let first = try builder.call("Dense", ["units": 4], [steps])
        let turned = try builder.call("Permute", ["dims": [2, 1]], [first])
        let mixed = try builder.call("Dense", ["units": 3], [turned])
        let back = try builder.call("Permute", ["dims": [2, 1]], [mixed])
        let last = try builder.call("Dense", ["units": 2], [back])
        let map = try map(builder.finish(last))
        #expect(map.classes(turned, axis: 1) == map.classes(first, axis: 2))
        #expect(map.classes(back, axis: 2) == map.classes(first, axis: 2))
        #expect(map.classes(back, axis: 1) == map.classes(mixed, axis: 2))
        #expect(map.classes(last.node, "kernel", axis: 0) == map.classes(first, axis: 2))
    }

    /// A convolution over an axis that carries channels mixes them.
    @Test func channelsOnASpatialAxisStay() throws {
        var builder = GraphBuilder()
        let steps = builder.input(5, 7)
        let first = try builder.call("Dense", ["units": 4], [steps])
        let turned = try builder.call("Permute", ["dims": [2, 1]], [first])
        let last = try builder.call("Conv1D", ["filters": 3, "kernel_size": 3], [turned])
        let map = try map(builder.finish(last))
        #expect(map.reason(first, axis: 2) == .mixedChannels)
    }

    @Test func reshapeThatCutsChannelsProtects() throws {
        var builder = GraphBuilder()
        let image = builder.input(4, 4, 3)
        let first = try builder.call("Conv2D", conv(6), [image])
        let shaped = try builder.call("Reshape", ["target_shape": [16, 2, 3]], [first])
        let last = try builder.call("Dense", ["units": 2], [shaped])
        let map = try map(builder.finish(last))
        #expect(map.reason(first, axis: 3) == .reshaped)
    }

    @Test func layerNormAndSoftmaxProtect() throws {
        for className in ["LayerNormalization", "UnitNormalization", "RMSNormalization", "Softmax"]
        {
            var builder = GraphBuilder()
            let first = try builder.call("Dense", ["units": 4], [builder.input(8)])
            let norm = try builder.call(className, [:], [first])
            let last = try builder.call("Dense", ["units": 2], [norm])
            #expect(try map(builder.finish(last)).reason(first, axis: 1) == .mixedChannels)
        }
    }

    /// Softmax or not: that the model gives it back is the reason that counts.
    @Test func outputIsTheReasonThatCounts() throws {
        var builder = GraphBuilder()
        let first = try builder.call("Dense", ["units": 4], [builder.input(8)])
        let last = try builder.call("Dense", ["units": 2, "activation": "softmax"], [first])
        #expect(try map(builder.finish(last)).reason(last, axis: 1) == .modelOutput)
        let inner = try builder.call("Dense", ["units": 2, "activation": "softmax"], [first])
        let end = try builder.call("Dense", ["units": 2], [inner])
        #expect(try map(builder.finish(end)).reason(inner, axis: 1) == .mixedChannels)
    }

    @Test func unknownLayerProtects() throws {
        var builder = GraphBuilder()
        let first = try builder.call("Dense", ["units": 4], [builder.input(8)])
        let strange = try builder.call("MyLayer", [:], [first])
        let last = try builder.call("Dense", ["units": 2], [strange])
        #expect(try map(builder.finish(last)).reason(first, axis: 1) == .opaqueLayer)
    }

    @Test func slopesAndScalesFollow() throws {
        var builder = GraphBuilder()
        let first = try builder.call("Conv2D", conv(4), [builder.input(5, 5, 3)])
        let own = try builder.call("PReLU", [:], [first])
        let shared = try builder.call("PReLU", ["shared_axes": [1, 2]], [own])
        let scaled = try builder.call("LayerScale", ["projection_dim": 4], [shared])
        let last = try builder.call("Conv2D", conv(2), [scaled])
        let map = try map(builder.finish(last))
        let labels = map.classes(first, axis: 3)
        #expect(map.classes(own.node, "alpha", axis: 2) == labels)
        #expect(map.classes(own.node, "alpha", axis: 0).isEmpty)
        #expect(map.classes(shared.node, "alpha", axis: 2) == labels)
        #expect(map.classes(scaled.node, "gamma", axis: 0) == labels)
    }
}
