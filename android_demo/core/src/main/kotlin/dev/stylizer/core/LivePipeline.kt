package dev.stylizer.core

import dev.stylizer.core.drawing.Canvas
import dev.stylizer.core.drawing.ModelException
import dev.stylizer.core.drawing.StyleLoader
import dev.stylizer.core.drawing.StyleNetwork
import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Bend
import dev.stylizer.core.geometry.CameraMotion
import dev.stylizer.core.geometry.FaceFrame
import dev.stylizer.core.landmarks.FaceBoxes
import dev.stylizer.core.landmarks.FaceTracker
import dev.stylizer.core.landmarks.Mesh
import dev.stylizer.core.landmarks.MeshNetwork
import kotlin.concurrent.thread

/** What the screen shows of the work: frames and milliseconds are running means. */
class Report(
    val accelerator: Accelerator, val fallback: String?, val framesPerSecond: Float,
    val stagesMs: Map<String, Float>, val faces: Int,
)

/**
 * Camera frames in, drawings out, always of the newest frame: one thread tracks faces and the camera's motion, one
 * draws, and a frame that finds its thread busy is replaced by the next. What they work in is used again: once it is as
 * large as it needs to be, nothing is allocated but four reports a second, however many faces are bent and drawn on
 * their own.
 *
 * @param side of the frames, which must be that of the styles
 */
class LivePipeline(
    private val models: ModelStore, private val runners: RunnerFactory, private val listener: Listener,
    @Volatile var settings: Settings, private val side: Int = 512,
) : AutoCloseable {
    /** Called on the pipeline's threads. */
    interface Listener {
        /** On the drawing thread; [drawn] is reused when this returns. */
        fun onFrame(drawn: Picture, report: Report)

        /** A sentence. The pipeline goes on if it can. */
        fun onError(message: String)
    }

    private class Slot(side: Int) {
        val picture = Picture(side, side)
        val faces = Array(MOST_FACES) { Mesh() }
        var count = 0
        val moved = Affine()
        var timeS = 0.0
        var offeredNs = 0L
    }

    private val free = ArrayDeque<Slot>(SLOTS) // with its own lock: Java's queues allocate a node an item
    private val toTrack = Mailbox<Slot>()
    private val toDraw = Mailbox<Slot>()
    private val stopwatch = Stopwatch()
    private val drawn = Picture(side, side)
    private val bend = Bend(cubic = false)
    private val points = DoubleArray(136)
    private val frames = Array(MOST_FACES) { Affine() }
    private var rate = 0f
    private var shownNs = 0L
    private var reportedNs = 0L
    private var report: Report? = null
    private val threads: List<Thread>

    /** It failed for good and takes no more frames; another one may do. */
    @Volatile var hasEnded = false
        private set

    init {
        repeat(SLOTS) { release(Slot(side)) }
        threads = listOf(
            thread(name = "stylizer-track", isDaemon = true) { guarded(::tracking) },
            thread(name = "stylizer-draw", isDaemon = true) { guarded(::drawing) })
    }

    /**
     * Hands a free picture to [fill], for a frame at [timeS] seconds. Never blocks; false: dropped, for none was free
     * or tracking has ended. For one thread, the camera's.
     */
    fun offer(timeS: Double, fill: (Picture) -> Unit): Boolean {
        val slot = synchronized(free) { free.removeFirstOrNull() } ?: return false
        slot.offeredNs = System.nanoTime()
        slot.timeS = timeS
        try {
            stopwatch.time(Stage.CONVERT) { fill(slot.picture) }
        } catch (e: Throwable) {
            release(slot)
            throw e
        }
        val left = toTrack.put(slot)
        if (left != null) release(left)
        return left !== slot
    }

    private fun release(slot: Slot) {
        synchronized(free) { free.addLast(slot) }
    }

    /** Runs a thread's [work]; if it fails for good, says so and ends both threads. */
    private fun guarded(work: () -> Unit) {
        try {
            work()
        } catch (e: Throwable) { // a native library may throw Errors
            hasEnded = true
            toTrack.close()
            toDraw.close()
            listener.onError(sentence(e))
        }
    }

    private fun sentence(e: Throwable): String = e.message ?: e.javaClass.simpleName

    private fun tracking() {
        FaceBoxes(runners.open(models.faceBoxes(), Accelerator.CPU, 1)).use { boxes ->
            MeshNetwork(runners.open(models.faceMesh(), Accelerator.CPU, 1)).use { mesh ->
                val tracker = FaceTracker(boxes, mesh, MOST_FACES)
                val motion = CameraMotion()
                while (true) {
                    val slot = toTrack.take() ?: return
                    try {
                        stopwatch.time(Stage.TRACK) { slot.count = tracker.track(slot.picture, slot.timeS, slot.faces) }
                        stopwatch.time(Stage.MOTION) { slot.moved.set(motion.follow(slot.picture)) }
                    } catch (e: Exception) { // draw on, without faces
                        slot.count = 0
                        slot.moved.setIdentity()
                        tracker.reset()
                        listener.onError(sentence(e))
                    }
                    toDraw.put(slot)?.let(::release)
                }
            }
        }
    }

    private fun drawing() {
        StyleLoader(models, runners).use { loader ->
            var network: StyleNetwork? = null
            var canvas: Canvas? = null
            var refused: String? = null // a style that does not open; not tried again until another was
            while (true) {
                val slot = toDraw.take() ?: return
                val wanted = settings
                try {
                    if (wanted.style == refused) continue
                    refused = wanted.style
                    val current = loader.network(wanted.style)
                    if (current !== network) {
                        if (current.side != side) throw ModelException("a style for ${current.side} pixels, not $side")
                        network = current
                        canvas = Canvas(current)
                    }
                    refused = null
                    draw(slot, wanted, current, canvas!!)
                    listener.onFrame(drawn, reported(slot, current, loader.fallback))
                } catch (e: Exception) {
                    if (loader.fallBack(e)) network = null else listener.onError(sentence(e))
                } finally {
                    release(slot)
                }
            }
        }
    }

    private fun draw(slot: Slot, wanted: Settings, network: StyleNetwork, canvas: Canvas) {
        val picture = slot.picture
        val bent = System.nanoTime()
        for (n in 0 until slot.count) {
            slot.faces[n].controlPoints(points)
            if (wanted.exaggeration != 0f) bend.apply(picture, points, network.file.offset, wanted.exaggeration)
            FaceFrame.of(points, network.side, frames[n])
        }
        val begun = System.nanoTime()
        if (wanted.exaggeration != 0f) stopwatch.add(Stage.BEND, begun - bent)
        network.draw(picture, drawn, slot.moved)
        val whole = System.nanoTime()
        stopwatch.add(Stage.DRAW, whole - begun)
        for (n in slot.count - 1 downTo 0) { // the largest on top
            val share = FaceFrame.ownShare(frames[n], 1.0)
            if (share > 0) canvas.drawFrame(picture, frames[n], share, drawn)
        }
        blend(picture, drawn, wanted.strength)
        stopwatch.add(Stage.PASTE, System.nanoTime() - whole)
    }

    private fun reported(slot: Slot, network: StyleNetwork, fallback: String?): Report {
        val now = System.nanoTime()
        stopwatch.add(Stage.TOTAL, now - slot.offeredNs)
        if (shownNs > 0) {
            val newest = 1e9f / (now - shownNs)
            rate = if (rate == 0f) newest else rate + (newest - rate) / 8
        }
        shownNs = now
        val old = report
        if (old != null && now - reportedNs < REPORT_INTERVAL_NS && old.accelerator == network.accelerator) return old
        reportedNs = now
        return Report(network.accelerator, fallback, rate, stopwatch.ms(), slot.count).also { report = it }
    }

    /** Stops, and waits for the frame in work. Not to be called from the listener. */
    override fun close() {
        toTrack.close()
        toDraw.close()
        threads.forEach { it.join() }
    }

    private companion object {
        const val MOST_FACES = 3
        const val SLOTS = 5 // one filled, two waiting, two in work
        const val REPORT_INTERVAL_NS = 250_000_000L
    }
}

/** [strength] of the drawing over the photo, in place. */
internal fun blend(photo: Picture, drawn: Picture, strength: Float) {
    if (strength >= 1f) return
    val alpha = Math.round(256 * strength)
    for (n in 0 until drawn.width * drawn.height) drawn.pixels[n] = mix(photo.pixels[n], drawn.pixels[n], alpha)
}
