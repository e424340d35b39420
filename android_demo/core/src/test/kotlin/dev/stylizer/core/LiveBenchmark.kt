package dev.stylizer.core

import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Border
import dev.stylizer.core.geometry.warp
import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicLong
import java.util.concurrent.atomic.AtomicReference
import kotlin.math.sin

/**
 * Live drawing on this machine, for tools/benchmark_core.py: milliseconds by stage, frames a second of a camera's thirty.
 *
 * Arguments: a portrait of 512 x 512, frames, exaggeration. The golden folder holds the models.
 */
fun main(arguments: Array<String>) {
    val portrait = TestFiles.picture(File(arguments[0]))
    val count = arguments[1].toInt()
    val exaggeration = arguments[2].toFloat()
    val frames = List(30) { n -> // as a hand holds it
        val shift = Affine().shifted(8 * sin(0.21 * n), 5 * sin(0.42 * n))
        Picture(512, 512).also { warp(portrait, shift, it, Border.REPLICATE) }
    }
    val done = AtomicInteger()
    val newest = AtomicReference<Report>()
    var shownNs = 0L
    val longestNs = AtomicLong() // between two frames
    val listener = object : LivePipeline.Listener {
        override fun onFrame(drawn: Picture, report: Report) {
            val now = System.nanoTime()
            longestNs.accumulateAndGet(now - shownNs, ::maxOf)
            shownNs = now
            newest.set(report)
            done.incrementAndGet()
        }

        override fun onError(message: String) = error(message)
    }
    val models = object : ModelStore by TestFiles.models { // a style by any name
        override fun style(name: String, accelerator: Accelerator) = TestFiles.models.style("sketch", accelerator)
    }
    LivePipeline(models, TestFiles.cpu, listener, Settings("sketch", 1f, exaggeration)).use { pipeline ->
        var offered = 0
        fun show(until: Int) {
            val begun = System.nanoTime() - offered * FRAME_NS
            while (done.get() < until) {
                val early = begun + offered * FRAME_NS - System.nanoTime()
                if (early > 0) Thread.sleep(early / 1_000_000, (early % 1_000_000).toInt())
                pipeline.offer(offered / 30.0) { frames[offered % frames.size].copyInto(it) }
                offered++
            }
        }
        show(count / 4) // the Java machine compiles what it runs often
        val begun = System.nanoTime()
        show(count + count / 4)
        val seconds = (System.nanoTime() - begun) / 1e9
        println(newest.get().stagesMs.entries.joinToString("\n") { (stage, ms) -> "%-20s %6.1f ms".format(stage, ms) })
        println("%-20s %6.1f a second".format("frames", count / seconds))
        longestNs.set(0)
        pipeline.settings = Settings("another", 1f, exaggeration)
        show(done.get() + 5)
        println("%-20s %6.1f ms without a frame".format("another style", longestNs.get() / 1e6))
    }
}

private const val FRAME_NS = 1_000_000_000L / 30
