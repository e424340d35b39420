package dev.stylizer.core

import dev.stylizer.core.drawing.StyleNetwork
import dev.stylizer.core.geometry.Affine
import org.json.JSONArray
import org.json.JSONObject

/**
 * Times the drawing of every style on GPU and CPU, input and output included: how someone with a phone checks the frames
 * a second, which the slower of drawing and tracking sets. Blocks for as long.
 */
class Benchmark(private val models: ModelStore, private val runners: RunnerFactory) {
    /** [rounds] frames each after a tenth as many to warm up; returns JSON. [progress] gets a line a measurement. */
    fun run(rounds: Int, progress: (String) -> Unit): String {
        require(rounds > 0) { "rounds must be above 0, got $rounds" }
        val results = JSONArray()
        for (style in models.styles) for (accelerator in Accelerator.entries) {
            progress("$style on $accelerator")
            val result = JSONObject().put("style", style).put("accelerator", accelerator.name).put("rounds", rounds)
            try {
                measure(style, accelerator, rounds, result)
            } catch (e: Throwable) { // a native library that is missing is an Error
                result.put("error", e.message ?: e.javaClass.simpleName)
            }
            progress(result.toString())
            results.put(result)
        }
        return JSONObject().put("format", "stylizer-benchmark").put("version", 1).put("results", results).toString()
    }

    private fun measure(style: String, accelerator: Accelerator, rounds: Int, result: JSONObject) {
        val begun = System.nanoTime()
        StyleNetwork.open(models, runners, style, accelerator).use { network ->
            result.put("load_ms", (System.nanoTime() - begun) / 1e6)
            val picture = Picture(network.side, network.side)
            val drawn = Picture(network.side, network.side)
            repeat(1 + rounds / 10) { network.draw(picture, drawn, Affine().shifted(0.0, it.toDouble())) }
            val ms = DoubleArray(rounds) {
                val start = System.nanoTime()
                network.draw(picture, drawn, Affine().shifted(it.toDouble(), 0.0)) // strokes move, as in a hand
                (System.nanoTime() - start) / 1e6
            }
            ms.sort()
            result.put("median_ms", ms[rounds / 2]).put("least_ms", ms[0]).put("p90_ms", ms[rounds * 9 / 10])
            result.put("draws_per_second", 1000 / ms[rounds / 2])
        }
    }
}
