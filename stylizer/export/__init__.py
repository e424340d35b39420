"""From a trained run to .tflite files: conversion, metadata, checks, parity."""
