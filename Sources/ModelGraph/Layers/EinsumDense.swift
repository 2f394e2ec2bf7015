package import OrderedJSON

/// `EinsumDense`, a product of the input with a kernel along axes named by letters: `abc,cde->abde`.
///
/// Kernel: the axes between the comma and the arrow. A letter of kernel and output alone makes channels,
/// one of input and kernel alone is summed over.
package struct EinsumDense: LayerDefinition {
    package static let classNames = ["EinsumDense"]

    package var equation: EinsumEquation
    /// The output's shape without the batch and elided axes; 0 stands for unknown sizes.
    package var outputShape: [Int]
    /// Letters of the output along which the bias differs; nil without a bias.
    package var biasAxes: String?
    package var activation: ActivationFunction

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        let text = try configuration.string("equation")
        guard let equation = EinsumEquation(text) else {
            throw GraphError(.unsupported, "the equation '\(text.prefix(80))' is not understood")
        }
        self.equation = equation
        if let sizes = configuration.json["output_shape"]?.array {
            guard sizes.allSatisfy({ $0 == .null || $0.integer ?? 0 > 0 }) else {
                throw configuration.failure("output_shape", "a list of sizes")
            }
            outputShape = sizes.map { $0.integer ?? 0 }
        } else {
            outputShape = [try configuration.integer("output_shape")]
        }
        guard outputShape.allSatisfy({ $0 <= LayerConfiguration.largest }) else {
            throw configuration.failure("output_shape", "a list of sizes")
        }
        if let axes = configuration.json["bias_axes"], axes != .null {
            biasAxes = try configuration.string("bias_axes")
        }
        guard biasAxes?.allSatisfy({ equation.output.contains($0) }) ?? true else {
            throw configuration.failure("bias_axes", "letters of the output")
        }
        activation = try configuration.activation().withoutHalving()
    }

    private func output(of input: Shape) throws(GraphError) -> Shape {
        let elided = input.rank - equation.input.count
        guard elided >= 0, elided == 0 || equation.elided != nil else {
            throw GraphError(.shape, "\(input.dimensionsText) does not fit the equation")
        }
        var dimensions = [input[0]] + outputShape.map { $0 == 0 ? nil : $0 }
        switch equation.elided {
        case .left where elided > 0:
            dimensions.insert(contentsOf: input.dimensions[1..<elided], at: 1)
        case .right: dimensions += input.dimensions.suffix(elided)
        default: break
        }
        guard dimensions.count == equation.output.count + elided else {
            throw GraphError(.configuration, "'output_shape' does not fit the equation")
        }
        return Shape(dimensions)
    }

    /// The axis of a letter in a tensor of that rank, whose letters are `letters`.
    private func axis(_ letter: Character, in letters: [Character], rank: Int) -> Int? {
        guard let place = letters.firstIndex(of: letter) else { return nil }
        return equation.elided == .left ? place + rank - letters.count : place
    }

    package func weights(for call: LayerCall) throws(GraphError) -> [WeightSpecification] {
        let input = try call.input()
        let output = try output(of: input)
        func size(_ letter: Character) throws(GraphError) -> Int {
            let known =
                axis(letter, in: equation.output, rank: output.rank).flatMap { output[$0] }
                ?? axis(letter, in: equation.input, rank: input.rank).flatMap { input[$0] }
            guard let known else {
                throw GraphError(.shape, "the size of '\(letter)' in its equation is not known")
            }
            return known
        }
        var kernel: [Int] = []
        for letter in equation.kernel { kernel.append(try size(letter)) }
        guard let letters = biasLetters(rank: output.rank) else {
            return [WeightSpecification("kernel", kernel)]
        }
        var bias: [Int] = []
        for letter in letters { bias.append(try letter.map(size) ?? 1) }
        return [WeightSpecification("kernel", kernel), WeightSpecification("bias", bias)]
    }

    /// The letters of the bias's axes, the last axes of the output; nil for those that share one value.
    private func biasLetters(rank: Int) -> [Character?]? {
        guard let biasAxes, let first = equation.output.firstIndex(where: biasAxes.contains) else {
            return nil
        }
        let letters = equation.output[first...].map { biasAxes.contains($0) ? $0 : nil }
        let elided = rank - equation.output.count
        return letters + (equation.elided == .left ? [] : Array(repeating: nil, count: elided))
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try output(of: try call.input())]
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard let output = outputs.first, let count = output.sampleElementCount,
            let kernel = try? weights(for: call).first
        else { return nil }
        var (summed, made) = (1, 1)
        for (letter, size) in zip(equation.kernel, kernel.shape) {
            if equation.output.contains(letter) {
                made = made.saturatingTimes(size)
            } else {
                summed = summed.saturatingTimes(size)
            }
        }
        return LayerWork(
            kind: .dense, positions: count / max(made, 1), inputChannels: summed,
            outputChannels: made, multiplyAdds: count.saturatingTimes(summed))
    }

    package func bind(_ channels: inout ChannelBinder) {
        let (input, output) = (channels.call.inputs[0], channels.outputShapes[0])
        var passing: [Int] = []
        for (place, letter) in equation.kernel.enumerated() {
            let own = axis(letter, in: equation.input, rank: input.rank)
            let made = axis(letter, in: equation.output, rank: output.rank)
            switch (own, made) {
            case (let own?, nil):
                passing.append(own)
                channels.attach(
                    "kernel", axis: place, .consumes, channels.labels(input: 0, axis: own))
            case (nil, let made?):
                let labels = channels.produce("kernel", axis: place, count: output[made] ?? 0)
                channels.outputs[0].axes[made] = labels
                // A softmax over the outputs mixes them; a bias that all share stays as it is.
                if !activation.isElementWise { channels.protect(labels, .mixedChannels) }
                for (axis, other) in (biasLetters(rank: output.rank) ?? []).enumerated()
                where other == letter {
                    channels.attach("bias", axis: axis, .follows, labels)
                }
            default: break
            }
        }
        channels.protectOthers(than: passing, .mixedChannels)
    }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        guard let (axis, _) = call.removedOutputs.first ?? nil else { return call.unknown }
        guard let letters = biasLetters(rank: call.outputShapes[0].rank) else {
            return call.emitting(axis: axis) { _ in .constant(activation(0)) }
        }
        // With a bias, only the one axis along which it differs has constants.
        let rank = call.outputShapes[0].rank
        guard letters.compactMap({ $0 }).count == 1,
            let place = letters.firstIndex(where: { $0 != nil }),
            place + rank - letters.count == axis, let bias = call.floats("bias")
        else { return call.unknown }
        return call.emitting(axis: axis) { .constant(activation(bias[$0])) }
    }

    /// Possible where the input's last axis is the kernel's first, and the bias has all the others.
    package func fold(_ call: EmissionCall) -> [Folding] {
        guard let kernel = call.floats("kernel"), let emission = call.inputs.first,
            let first = equation.kernel.first, !equation.output.contains(first),
            axis(first, in: equation.input, rank: call.call.inputs[0].rank) == emission.axis,
            let letters = biasLetters(rank: call.outputShapes[0].rank),
            letters == equation.kernel.dropFirst().map({ $0 }), !emission.channels.isEmpty
        else { return [] }
        return [
            Folding.summing(
                emission, kernel: kernel, taps: 1, outputs: kernel.count / emission.channels.count,
                padded: false)
        ]
    }

    package func resized(_ configuration: JSON, to resized: ResizedLayer) -> JSON {
        guard let output = resized.outputs.first else { return configuration }
        let elided = output.rank - equation.output.count
        let own =
            equation.elided == .left
            ? output.dimensions.dropFirst(max(elided, 1))
            : output.dimensions.dropFirst().dropLast(elided)
        guard own.count == outputShape.count else { return configuration }
        var configuration = configuration
        configuration["output_shape"] = .array(
            zip(outputShape, own).map { old, new in
                old == 0 ? .null : .integer(new ?? old)
            })
        return configuration
    }
}

/// `input,kernel->output`, where `...` may stand for axes of input and output that the kernel leaves alone.
package struct EinsumEquation: Hashable, Sendable {
    package enum Side: Hashable, Sendable { case left, right }

    package var input: [Character]
    package var kernel: [Character]
    package var output: [Character]
    /// Where axes without letters stand; nil if there are none.
    package var elided: Side?

    /// Reads an equation; nil if it is none.
    package init?(_ text: String) {
        let text = text.replacing(" ", with: "").replacing("...", with: "0")
        let sides = text.replacing("->", with: ",").split(
            separator: ",", omittingEmptySubsequences: false)
        guard sides.count == 3, text.contains("->") else { return nil }
        let parts = sides.map { side in side.filter { $0 != "0" } }
        (input, kernel, output) = (Array(parts[0]), Array(parts[1]), Array(parts[2]))
        if sides[0].hasPrefix("0"), sides[2].hasPrefix("0") {
            elided = .left
        } else if sides[0].hasSuffix("0"), sides[2].hasSuffix("0") {
            elided = .right
        } else if text.contains("0") {
            return nil
        }
        let known = Set(input).union(kernel)
        guard
            [input, kernel, output].allSatisfy({ part in
                !part.isEmpty && Set(part).count == part.count && part.allSatisfy(\.isLetter)
            }), known.isSuperset(of: output),
            kernel.allSatisfy({ input.contains($0) || output.contains($0) })
        else { return nil }
    }
}
